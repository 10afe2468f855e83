import {
  type Catalog,
  catalogFromManifest,
  createCatalog,
  describe,
  searchedSentence,
} from '../catalog/index.ts'
import { checkLimit, EventReader, type ReaderHost } from '../follow/event-reader.ts'
import type { LiveSource } from '../follow/feed.ts'
import { ownEntries } from '../lifecycle/own-entries.ts'
import { isEventId } from '../log/entry.ts'
import { AnnalsError, type AuditEvent } from '../model/index.ts'
import {
  formatCursor,
  matcher,
  parseCursor,
  parseQuery,
  type Query,
  queryDigest,
  resolvedBounds,
  resolveQuery,
  type Search,
  type SearchIndex,
} from '../query/index.ts'
import { EventStream } from './event-stream.ts'
import type { CatalogListing, Counts, EventsOptions, FindOptions, Found, ReadOptions, Seek } from './trail.ts'

/** Events of a page when no limit is given, and at most. */
const PAGE = 50
const LARGEST_PAGE = 1_000
const END = Number.MAX_SAFE_INTEGER

/** Answers what both halves of a trail answer alike. */
export class ReadSide {
  readonly #index: SearchIndex
  readonly #live: LiveSource
  readonly #readers = new Set<EventReader>()
  readonly #catalog: () => Catalog
  #closed = false

  constructor(index: SearchIndex, live: LiveSource, catalog: () => Catalog) {
    this.#index = index
    this.#live = live
    this.#catalog = catalog
  }

  get size(): number {
    return this.#live.size()
  }

  describe(event: AuditEvent): string {
    return describe(event, this.#catalog())
  }

  events(query = '', options: EventsOptions = {}): EventStream {
    const parsed = parseQuery(query)
    const limit = checkLimit(options.limit, Number.POSITIVE_INFINITY)
    const order = options.order ?? 'asc'
    if (order !== 'asc' && order !== 'desc')
      throw new TypeError(`order ${JSON.stringify(order)}: 'asc' or 'desc'`)
    if (options.follow === true && order === 'desc') throw new TypeError('a live reader is ascending')
    return new EventStream(() => this.#open(parsed, query, order, limit, options))
  }

  async find(query = '', options: FindOptions = {}): Promise<Found> {
    this.#requireOpen()
    const digest = queryDigest(parseQuery(query))
    const limit = Math.min(checkLimit(options.limit, PAGE), LARGEST_PAGE)
    const cursor =
      options.cursor === undefined ? undefined : parseCursor(options.cursor, { digest, order: options.order })
    const order = cursor?.order ?? options.order ?? 'desc'
    const asOf = cursor?.asOf ?? this.size
    const search = await this.#search(query, options)
    let from = order === 'asc' ? Math.max(search.from, cursor?.index ?? 0) : search.from
    let to = Math.min(search.to, asOf, order === 'desc' ? (cursor?.index ?? END) : END)
    const events: AuditEvent[] = []
    let rest: number | undefined = limit === 0 ? undefined : from
    while (events.length < limit) {
      const found = await this.#index.find({ ...search, from, to }, order, limit - events.length)
      events.push(...found.events)
      rest = found.rest
      if (rest === undefined) break
      if (order === 'asc') from = rest
      else to = rest
    }
    const next = rest === undefined ? undefined : formatCursor({ index: rest, order, asOf, digest })
    return {
      events: events.map(event => this.present(event)),
      ...(next === undefined ? {} : { next }),
      asOf,
      watermark: asOf,
    }
  }

  async count(query = '', by: readonly string[] = [], options: ReadOptions = {}): Promise<Counts> {
    this.#requireOpen()
    const search = await this.#search(query, options)
    const { total, groups } = await this.#index.count({ ...search, to: Math.min(search.to, this.size) }, by)
    return {
      total,
      groups: groups.map(({ values, count }) => ({
        key: Object.fromEntries(by.map((name, i) => [name, values[i] ?? null])),
        count,
      })),
    }
  }

  async get(at: string | number): Promise<AuditEvent | undefined> {
    this.#requireOpen()
    const index = typeof at === 'number' ? at : isEventId(at) ? await this.#index.position(at) : undefined
    if (index === undefined || !Number.isSafeInteger(index) || index < 0) return undefined
    const search: Search = {
      query: '',
      now: 0,
      timeZone: 'UTC',
      includeLog: true,
      from: index,
      to: index + 1,
    }
    const { events } = await this.#index.find(search, 'asc', 1)
    return events[0] === undefined ? undefined : this.present(events[0])
  }

  async catalog(): Promise<readonly CatalogListing[]> {
    const { groups } = await this.count('', ['action'])
    const counts = new Map(groups.map(group => [group.key['action'] as string, group.count]))
    const declared = this.#catalog()
      .entries()
      .map(entry => ({ ...entry, events: counts.get(entry.action) ?? 0, declared: true }))
    const known = new Set(declared.map(entry => entry.action))
    const seen = [...counts]
      .filter(([action]) => !known.has(action))
      .map(([action, events]) => ({ action, version: 1, events, declared: false }))
    return [...declared, ...seen].sort((a, b) => (a.action < b.action ? -1 : 1))
  }

  /** The position of an id or index. */
  async positionOf(at: string | number): Promise<number> {
    const index = typeof at === 'number' ? at : isEventId(at) ? await this.#index.position(at) : undefined
    if (index === undefined || !Number.isSafeInteger(index) || index < 0 || index >= this.size) {
      throw new AnnalsError(
        'ANNALS_NOT_FOUND',
        `There is no event ${typeof at === 'number' ? `at position ${at}` : at}.`,
        {
          hint: 'Ids are complete UUIDs, as list -o id prints them.',
        },
      )
    }
    return index
  }

  /** Brings an event to the latest shape of its type. */
  present(event: AuditEvent): AuditEvent {
    return this.#catalog().latest(event)
  }

  /** Ends every reader. */
  close(): void {
    this.#closed = true
    for (const reader of [...this.#readers]) reader.close()
  }

  async #open(
    parsed: Query,
    query: string,
    order: 'asc' | 'desc',
    limit: number,
    options: EventsOptions,
  ): Promise<EventReader> {
    this.#requireOpen()
    const search = await this.#search(query, options)
    const resolved = resolveQuery(parsed, { now: search.now, timeZone: search.timeZone })
    const sentence = (event: AuditEvent): string => searchedSentence(event, this.#catalog())
    const follow = options.follow === true
    const until = options.seekEnd instanceof Date && follow ? options.seekEnd.getTime() : undefined
    const recorded = resolvedBounds(resolved).recorded[1]
    const endsAt = Math.min(until ?? Number.POSITIVE_INFINITY, follow ? recorded : Number.POSITIVE_INFINITY)
    const host: ReaderHost = { index: this.#index, live: this.#live, present: event => this.present(event) }
    const reader = new EventReader(
      {
        search: until !== undefined && until > Date.now() ? { ...search, to: END } : search,
        order,
        limit,
        follow,
        endsAt: Number.isFinite(endsAt) ? endsAt : undefined,
        matches: matcher(resolved, { includeLog: search.includeLog, sentence }),
        signal: options.signal,
      },
      host,
      ended => this.#readers.delete(ended),
    )
    if (!reader.ended) this.#readers.add(reader)
    if (this.#closed) reader.close()
    return reader
  }

  async #search(query: string, options: ReadOptions): Promise<Search> {
    const [from, to] = await Promise.all([this.#seek(options.seek, 0), this.#seek(options.seekEnd, END)])
    return {
      query,
      now: Date.now(),
      timeZone: options.timeZone ?? 'UTC',
      includeLog: options.includeLog ?? false,
      from,
      to,
    }
  }

  async #seek(seek: Seek | undefined, absent: number): Promise<number> {
    if (seek === undefined) return absent
    if (seek instanceof Date) {
      const time = seek.getTime()
      if (Number.isNaN(time)) throw invalidSeek(seek)
      return await this.#index.positionAt(time)
    }
    if (typeof seek === 'number') {
      if (!Number.isSafeInteger(seek) || seek < 0) throw invalidSeek(seek)
      return seek
    }
    if (typeof seek !== 'string' || !isEventId(seek)) throw invalidSeek(seek)
    return await this.positionOf(seek)
  }

  #requireOpen(): void {
    if (this.#closed)
      throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again to read.' })
  }
}

/** The newest catalog that a log states, if it states one whose content is still there. */
export async function statedCatalog(index: SearchIndex): Promise<Catalog | undefined> {
  for await (const { data } of ownEntries(index, 'log.catalog', 'desc'))
    if (data !== undefined) return catalogFromManifest(data)
  return undefined
}

/** The catalog of a log that states none: everything may be recorded. */
export function openCatalog(): Catalog {
  return createCatalog([], { open: true })
}

function invalidSeek(seek: unknown): AnnalsError {
  return new AnnalsError(
    'ANNALS_INVALID',
    `seek ${JSON.stringify(seek)}: an event id, a Date, or a position from 0.`,
    { path: '/seek' },
  )
}
