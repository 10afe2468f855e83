import type { AuditEvent } from '../model/index.ts'

/** A question to a search index. Text, not functions, so that it can cross to another thread or process. */
export interface Search {
  /** Query text; empty matches everything. */
  readonly query: string
  /** Milliseconds since the epoch that `now` in the query means. */
  readonly now: number
  readonly timeZone: string
  readonly me?: { readonly type: string; readonly id: string } | undefined
  readonly includeLog: boolean
  /** First position, inclusive. */
  readonly from: number
  /** Last position, exclusive. */
  readonly to: number
}

/** A page of matches. */
export interface Matches {
  readonly events: readonly AuditEvent[]
  /** Position to go on from: the next `from` (ascending) or `to` (descending); undefined when the range is exhausted. */
  readonly rest: number | undefined
  /** Records that were read and checked again for this page. */
  readonly scanned: number
}

/** Counted groups; each key has one value per asked field, null where an event lacks it. */
export interface CountedGroups {
  readonly total: number
  readonly groups: readonly { readonly values: readonly (string | null)[]; readonly count: number }[]
}

/**
 * Derived and rebuildable: answers questions about everything below the size of its log, including what was just appended.
 * Every returned event has been read from the log and checked against the query again.
 */
export interface SearchIndex {
  find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches>
  count(search: Search, by: readonly string[]): Promise<CountedGroups>
  /** The position of an event id. */
  position(id: string): Promise<number | undefined>
  /** First position recorded at or after a time; the size when there is none. */
  positionAt(time: number): Promise<number>
  /** The position recorded under each idempotency key. */
  keyed(keys: readonly string[]): Promise<readonly (number | undefined)[]>
}
