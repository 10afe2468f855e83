import type { StoredRecord } from '../../../log/record-bytes.ts'

/** What entries are ordered by. */
export interface EntryKey {
  readonly id: string
  /** `recordedAt`, ms. */
  readonly time: number
}

/**
 * Records of one segment by position, in whatever form it lies on disk. Views into buffers are valid until the next call.
 * Every method throws AnnalsError ANNALS_CORRUPT where the file is damaged.
 */
export interface SegmentRecords {
  /** Position after the last; of a segment that is being written unknown here. */
  readonly end: number
  /** Whether the file has been removed since it was opened: another has taken its place. */
  readonly removed: boolean
  record(index: number): StoredRecord
  /** Visits the records of positions `from` to `to`, exclusive. */
  walk(from: number, to: number, visit: (index: number, record: StoredRecord) => void): void
  /** Key of the first entry, also once it was thinned; undefined when nothing but leaf hashes is left. */
  firstKey(): EntryKey | undefined
  /**
   * First position below `end` from which on every entry that is still there meets a condition that, once met, stays met;
   * `end` when none does.
   */
  seek(end: number, met: (key: EntryKey) => boolean): number
  close(): void
}

/** First of the numbers below `end` that meets a condition which, once met, stays met; `end` when none does. */
export function firstMet(begin: number, end: number, met: (n: number) => boolean): number {
  let lo = begin
  let hi = end
  while (lo < hi) {
    const middle = Math.floor((lo + hi) / 2)
    if (met(middle)) hi = middle
    else lo = middle + 1
  }
  return lo
}
