import { isEventId } from '../log/entry.ts'
import { AnnalsError, type AuditEvent } from '../model/index.ts'
import {
  and,
  filter,
  parseQuery,
  printQuery,
  type Scope,
  type Search,
  type SearchIndex,
} from '../query/index.ts'
import { findPage } from './find-page.ts'
import type { Order, ReadOptions, Seek } from './trail.ts'

const END = Number.MAX_SAFE_INTEGER

/** Turns what a reader asks into searches and positions of what one scope of a log shows. */
export class Searching {
  readonly #index: SearchIndex
  readonly #scope: Scope | undefined
  readonly #size: () => number

  constructor(index: SearchIndex, scope: Scope | undefined, size: () => number) {
    this.#index = index
    this.#scope = scope
    this.#size = size
  }

  /** The search for a query; what `asOf` says is not yet in it. */
  async search(query: string, options: ReadOptions): Promise<Search> {
    const [from, to] = await Promise.all([this.#seek(options.seek, 0), this.#seek(options.seekEnd, END)])
    return {
      query,
      now: nowOf(options),
      timeZone: options.timeZone ?? 'UTC',
      includeLog: options.includeLog ?? false,
      scope: this.#scope,
      from,
      to,
    }
  }

  /** The same search of the log as it was at a size. */
  bounded(search: Search, asOf: number): Search {
    return { ...search, to: Math.min(search.to, asOf) }
  }

  /** The size of the log that is asked about. */
  asOf({ asOf }: ReadOptions): number {
    if (asOf === undefined) return this.#size()
    if (!Number.isSafeInteger(asOf) || asOf < 0 || asOf > this.#size())
      throw invalid('/asOf', 'must be a size that the log has or had')
    return asOf
  }

  /** The place between two positions at which a page begins. */
  async place(at: Seek, search: Search, order: Order): Promise<number> {
    const beyond = order === 'asc' ? 0 : 1
    if (!(at instanceof Date)) return (await this.#seek(at, 0)) + beyond
    if (Number.isNaN(at.getTime())) throw invalidSeek(at)
    const time = filter('at', order === 'asc' ? '>=' : '<=', [{ kind: 'text', text: at.toISOString() }])
    const query = printQuery(and([parseQuery(search.query), time]))
    const { events } = await findPage(this.#index, { ...search, query }, { order, limit: 1 })
    return events[0] === undefined ? (order === 'asc' ? search.to : search.from) : events[0].index + beyond
  }

  /** The position of an id or index. */
  async positionOf(at: string | number): Promise<number> {
    const index = typeof at === 'number' ? at : isEventId(at) ? await this.#index.position(at) : undefined
    const isThere =
      index !== undefined &&
      Number.isSafeInteger(index) &&
      index >= 0 &&
      index < this.#size() &&
      // What a reader may not see is not there.
      (this.#scope === undefined || (await this.at(index)) !== undefined)
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

  /** The event at a position, as the scope shows it. */
  async at(index: number): Promise<AuditEvent | undefined> {
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
}

function nowOf({ now }: ReadOptions): number {
  if (now === undefined) return Date.now()
  if (Number.isNaN(now.getTime())) throw invalid('/now', 'is no time')
  return now.getTime()
}

function invalid(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path.slice(1)}: ${what}.`, { path })
}

function invalidSeek(seek: unknown): AnnalsError {
  return new AnnalsError(
    'ANNALS_INVALID',
    `seek ${JSON.stringify(seek)}: an event id, a Date, or a position from 0.`,
    { path: '/seek' },
  )
}
