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
import { AnnalsError, type AuditEvent, isLogAction, isWithin, type Visibility } from '../model/index.ts'
import {
  type Cursor,
  checkScope,
  compileSearch,
  formatCursor,
  type GroupBy,
  levelOf,
  parseCursor,
  parseQuery,
  queryDigest,
  type Scope,
  type SearchIndex,
} from '../query/index.ts'
import { countEvents } from './count-events.ts'
import { disclosable, entriesFor } from './disclosable.ts'
import { EventStream } from './event-stream.ts'
import { findPage } from './find-page.ts'
import { listCatalog } from './list-catalog.ts'
import { Searching } from './searching.ts'
import type { CatalogListing, CountOptions, Counts, EventsOptions, FindOptions, Found } from './trail.ts'

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
  readonly #searching: Searching
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
    this.#searching = new Searching(index, this.#scope, () => live.size())
    this.#onClose = () => restriction?.onClose(this)
  }

  /** The most privileged visibility that is shown. */
  get #level(): Visibility {
    return this.#scope === undefined ? 'operator' : levelOf(this.#scope)
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

  /** Live readers that wait for news now, whatever they may see. */
  get listeners(): number {
    return this.#live.listeners
  }

  /** Whether events with this topic, or one below it, can be there, by what the catalog says of what the reader may see. */
  declaresTopic(path: string): boolean {
    const catalog = this.#catalog()
    const level = this.#level
    if (catalog.open || (level === 'operator' && isLogAction(path))) return true
    return entriesFor(catalog.entries(), level).some(({ action, topics = [] }) =>
      [action, ...topics].some(topic => isWithin(topic, path)),
    )
  }

  /** The catalog as it is now. */
  get types(): Catalog {
    return this.#catalog()
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
    if (cursor !== undefined && options.at !== undefined) throw cursorWithPlace()
    const order = cursor?.order ?? options.order ?? 'desc'
    const asOf = cursor?.asOf ?? this.#searching.asOf(options)
    const search = this.#searching.bounded(await this.#searching.search(query, options), asOf)
    const { signal } = options
    const place =
      cursor?.index ??
      (options.at === undefined ? undefined : await this.#searching.place(options.at, search, order))
    const page = await findPage(this.#index, search, { order, limit, place, back: cursor?.back, signal })
    const cursorTo = (index: number, back: Pick<Cursor, 'back'> = {}): string =>
      formatCursor({ index, order, asOf, digest, ...back })
    return {
      events: page.events.map(event => this.present(event)),
      ...(page.next === undefined ? {} : { next: cursorTo(page.next) }),
      ...(page.previous === undefined ? {} : { previous: cursorTo(page.previous, { back: true }) }),
      asOf,
      watermark: asOf,
    }
  }

  async count(query = '', by: readonly GroupBy[] = [], options: CountOptions = {}): Promise<Counts> {
    this.#requireOpen()
    const most = checkLimit(options.most, Number.POSITIVE_INFINITY)
    const asOf = this.#searching.asOf(options)
    const search = this.#searching.bounded(await this.#searching.search(query, options), asOf)
    return { ...(await countEvents(this.#index, search, by, { ...options, most })), asOf }
  }

  async get(at: string | number): Promise<AuditEvent | undefined> {
    this.#requireOpen()
    const index = typeof at === 'number' ? at : isEventId(at) ? await this.#index.position(at) : undefined
    if (index === undefined || !Number.isSafeInteger(index) || index < 0) return undefined
    const event = await this.#searching.at(index)
    return event === undefined ? undefined : this.present(event)
  }

  async catalog(options?: Pick<CountOptions, 'most' | 'signal'>): Promise<readonly CatalogListing[]> {
    return listCatalog(this.#catalog(), this.#level, await this.count('', ['action'], options))
  }

  /** The position of an id or index. @throws AnnalsError ANNALS_NOT_FOUND also when it is not shown */
  async positionOf(at: string | number): Promise<number> {
    return await this.#searching.positionOf(at)
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

  async #open(
    query: string,
    order: 'asc' | 'desc',
    limit: number,
    options: EventsOptions,
  ): Promise<EventReader> {
    this.#requireOpen()
    const whole = await this.#searching.search(query, options)
    const search =
      options.asOf === undefined ? whole : this.#searching.bounded(whole, this.#searching.asOf(options))
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

function cursorWithPlace(): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', 'at: a cursor says where the page begins.', { path: '/at' })
}
