import {
  type Catalog,
  catalogFromManifest,
  createCatalog,
  describe,
  INTERNAL_PART,
  searchedSentence,
} from '../catalog/index.ts'
import { checkLimit, EventReader, type ReaderHost } from '../follow/event-reader.ts'
import type { LiveSource } from '../follow/feed.ts'
import { ownEntries } from '../lifecycle/own-entries.ts'
import { isEventId } from '../log/entry.ts'
import { AnnalsError, type AuditEvent } from '../model/index.ts'
import {
  checkScope,
  compileSearch,
  formatCursor,
  parseCursor,
  parseQuery,
  queryDigest,
  type Scope,
  type Search,
  type SearchIndex,
} from '../query/index.ts'
import { disclosable, entriesFor } from './disclosable.ts'
import { EventStream } from './event-stream.ts'
import type { CatalogListing, Counts, EventsOptions, FindOptions, Found, ReadOptions, Seek } from './trail.ts'

/** Events of a page when no limit is given, and at most. */
const PAGE = 50
const LARGEST_PAGE = 1_000
const END = Number.MAX_SAFE_INTEGER

/** Answers what both halves of a trail answer alike, to one who may see a scope of it. */
export class ReadSide {
  readonly #index: SearchIndex
  readonly #live: LiveSource
  readonly #readers = new Set<EventReader>()
  readonly #catalog: () => Catalog
  readonly #scope: Scope | undefined
  /** The sides of restricted readers, which end with this one. */
  readonly #restricted = new Set<ReadSide>()
  readonly #onClose: () => void
  #closed = false

  constructor(
    index: SearchIndex,
    live: LiveSource,
    catalog: () => Catalog,
    restriction?: { readonly scope: Scope; readonly onClose: (side: ReadSide) => void },
  ) {
    this.#index = index
    this.#live = live
    this.#catalog = catalog
    this.#scope = restriction?.scope
    this.#onClose = () => restriction?.onClose(this)
  }

  /** The same log as one with this scope sees it; ends with this side, or by itself. */
  restrict(scope: Scope): ReadSide {
    if (this.#scope !== undefined) throw new TypeError('restrict: this reader is restricted already')
    this.#requireOpen()
    const side = new ReadSide(this.#index, this.#live, this.#catalog, {
      scope: checkScope(scope),
      onClose: closed => this.#restricted.delete(closed),
    })
    this.#restricted.add(side)
    return side
  }

  get size(): number {
    return this.#live.size()
  }

  describe(event: AuditEvent): string {
    return describe(event, this.#catalog())
  }

  events(query = '', options: EventsOptions = {}): EventStream {
    parseQuery(query)
    const limit = checkLimit(options.limit, Number.POSITIVE_INFINITY)
    const order = options.order ?? 'asc'
    if (order !== 'asc' && order !== 'desc')
      throw new TypeError(`order ${JSON.stringify(order)}: 'asc' or 'desc'`)
    if (options.follow === true && order === 'desc') throw new TypeError('a live reader is ascending')
    return new EventStream(() => this.#open(query, order, limit, options))
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
    const event = await this.#at(index)
    return event === undefined ? undefined : this.present(event)
  }

  async catalog(): Promise<readonly CatalogListing[]> {
    const { groups } = await this.count('', ['action'])
    const counts = new Map(groups.map(group => [group.key['action'] as string, group.count]))
    const declared = entriesFor(this.#catalog().entries(), this.#scope?.level ?? 'operator').map(entry => ({
      ...entry,
      events: counts.get(entry.action) ?? 0,
      declared: true,
    }))
    const known = new Set(declared.map(entry => entry.action))
    const seen = [...counts]
      .filter(([action]) => !known.has(action))
      .map(([action, events]) => ({ action, version: 1, events, declared: false }))
    return [...declared, ...seen].sort((a, b) => (a.action < b.action ? -1 : 1))
  }

  /** The position of an id or index. */
  async positionOf(at: string | number): Promise<number> {
    const index = typeof at === 'number' ? at : isEventId(at) ? await this.#index.position(at) : undefined
    const isThere =
      index !== undefined &&
      Number.isSafeInteger(index) &&
      index >= 0 &&
      index < this.size &&
      // What a reader may not see is not there.
      (this.#scope === undefined || (await this.#at(index)) !== undefined)
    if (!isThere) {
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

  /** The parts of the event at a position, as `get` gives it, that hold nothing withheld from the reader. */
  disclosable(event: AuditEvent): readonly string[] | 'all' {
    return this.#scope === undefined ? 'all' : disclosable(event, this.#scope, this.#catalog())
  }

  /** Ends every reader. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const reader of [...this.#readers]) reader.close()
    for (const side of [...this.#restricted]) side.close()
    this.#onClose()
  }

  async #at(index: number): Promise<AuditEvent | undefined> {
    const search: Search = {
      query: '',
      now: 0,
      timeZone: 'UTC',
      includeLog: true,
      scope: this.#scope,
      from: index,
      to: index + 1,
    }
    const { events } = await this.#index.find(search, 'asc', 1)
    return events[0]
  }

  async #open(
    query: string,
    order: 'asc' | 'desc',
    limit: number,
    options: EventsOptions,
  ): Promise<EventReader> {
    this.#requireOpen()
    const search = await this.#search(query, options)
    const { bounds, matches, show } = compileSearch(search, {
      sentence: event => searchedSentence(event, this.#catalog()),
      internal: action => this.#catalog().get(action)?.parts[INTERNAL_PART] ?? [],
    })
    const follow = options.follow === true
    const until = options.seekEnd instanceof Date && follow ? options.seekEnd.getTime() : undefined
    const recorded = bounds.recorded[1]
    const endsAt = Math.min(until ?? Number.POSITIVE_INFINITY, follow ? recorded : Number.POSITIVE_INFINITY)
    const host: ReaderHost = {
      index: this.#index,
      live: this.#live,
      present: event => this.present(show(event)),
    }
    const reader = new EventReader(
      {
        search: until !== undefined && until > Date.now() ? { ...search, to: END } : search,
        order,
        limit,
        follow,
        endsAt: Number.isFinite(endsAt) ? endsAt : undefined,
        matches,
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
      scope: this.#scope,
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
