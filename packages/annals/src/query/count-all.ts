import type { Grouping } from './grouping.ts'
import type { Search, SearchIndex } from './search-index.ts'
import { type TalliedGroups, Tally } from './tally.ts'

/** How far to count. */
export interface CountAllOptions {
  /** Stops once so many records were read, a slice more or less. @defaultValue no bound */
  readonly mostRecords?: number | undefined
  /** Groups of a grouping that are kept; events of others are counted together. @defaultValue no bound */
  readonly mostGroups?: number | undefined
  /** Aborts between two slices, with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** Counts of a search. */
export interface CountedAll {
  readonly total: number
  /** One for each grouping that was asked. */
  readonly groupings: readonly TalliedGroups[]
  /** Stopped before the end: what lies below this position was not counted. */
  readonly stoppedAt: number | undefined
}

/**
 * Counts all matches, slice by slice, so that other questions are answered between.
 *
 * @example
 * ```ts
 * const { total } = await countAll(index, search, [])
 * ```
 */
export async function countAll(
  index: Pick<SearchIndex, 'count'>,
  search: Search,
  groupings: readonly Grouping[] = [],
  { mostRecords = Number.POSITIVE_INFINITY, mostGroups, signal }: CountAllOptions = {},
): Promise<CountedAll> {
  const tally = new Tally(groupings, mostGroups)
  let read = 0
  for (let slice = search; ; ) {
    signal?.throwIfAborted()
    const counted = await index.count(slice, groupings)
    tally.addSlice(counted)
    read += counted.scanned
    if (counted.rest === undefined || read >= mostRecords)
      return { total: tally.total, groupings: tally.groupings, stoppedAt: counted.rest }
    slice = { ...search, to: counted.rest, patient: true }
  }
}
