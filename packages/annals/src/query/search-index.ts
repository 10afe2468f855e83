import type { AuditEvent } from '../model/index.ts'
import type { Grouping } from './grouping.ts'
import type { Scope } from './scope.ts'

/** A question to a search index. Text, not functions, so that it can cross to another thread or process. */
export interface Search {
  /** Query text; empty matches everything. */
  readonly query: string
  /** Milliseconds since the epoch that `now` in the query means. */
  readonly now: number
  readonly timeZone: string
  readonly me?: { readonly type: string; readonly id: string } | undefined
  readonly includeLog: boolean
  /** What whoever asks may see. @defaultValue everything */
  readonly scope?: Scope | undefined
  /** First position, inclusive. */
  readonly from: number
  /** Last position, exclusive. */
  readonly to: number
  /**
   * Gives way: a further slice of a long walk. A store that answers one question at a time answers these one by one, between
   * the others. @defaultValue false
   */
  readonly patient?: boolean | undefined
}

/** A page of matches. */
export interface Matches {
  readonly events: readonly AuditEvent[]
  /** Position to go on from: the next `from` (ascending) or `to` (descending); undefined when the range is exhausted. */
  readonly rest: number | undefined
  /** Records that were read and checked again for this page. */
  readonly scanned: number
}

/** Events with the same values. */
export interface Group {
  /** One for each field of the grouping; null where an event lacks it. */
  readonly values: readonly (string | null)[]
  readonly count: number
}

/** Counts of one slice of a search. */
export interface CountedSlice {
  readonly total: number
  /** For each grouping that was asked its groups, largest first; none for a grouping of no field. */
  readonly groupings: readonly (readonly Group[])[]
  /** Position to go on below: the next `to`; undefined when the range is exhausted. */
  readonly rest: number | undefined
  /** Records that were read and checked again for this slice; rows, where counts that are kept were added up instead. */
  readonly scanned: number
}

/**
 * Derived and rebuildable: answers questions about everything below the size of its log, including what was just appended.
 * Every returned event has been read from the log and checked against the query again.
 */
export interface SearchIndex {
  /**
   * The next page, or as much of it as a bounded number of records gives: a broad search must not hold up others.
   *
   * @param isWanted false once nobody waits for the answer: it may then be empty instead of looked up
   */
  find(search: Search, order: 'asc' | 'desc', limit: number, isWanted?: () => boolean): Promise<Matches>
  /** Counts, newest first, as much as a bounded number of records gives; `countAll` adds up the slices. */
  count(search: Search, groupings: readonly Grouping[]): Promise<CountedSlice>
  /** The position of an event id. */
  position(id: string): Promise<number | undefined>
  /** First position recorded at or after a time; the size when there is none. */
  positionAt(time: number): Promise<number>
  /** The position recorded under each idempotency key. */
  keyed(keys: readonly string[]): Promise<readonly (number | undefined)[]>
}
