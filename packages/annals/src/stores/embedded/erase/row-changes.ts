import type { StoredRecord } from '../../../log/record-bytes.ts'
import type { IndexChange } from '../index/change-rows.ts'
import { indexRow } from '../index/index-row.ts'
import { PLACE_EVERY } from '../index/segment-index.ts'
import type { SegmentRecords } from '../read/segment-records.ts'

/** Beyond so many changed rows an index is made anew sooner than it is changed. */
const MOST_CHANGES = 20_000

/** What the erasures in one segment change in its search index. */
export class RowChanges {
  readonly #first: number
  readonly #end: number
  readonly #changes: IndexChange[] = []
  readonly #times = new Map<number, number>()
  #count = 0
  #readable = true

  /** @param end position after the last of the segment */
  constructor(first: number, end: number) {
    this.#first = first
    this.#end = end
  }

  /** Records that have changed. */
  get count(): number {
    return this.#count
  }

  /** The changes; undefined when they are too many to be worth it, or unknown. */
  get rows(): readonly IndexChange[] | undefined {
    return this.#count > MOST_CHANGES || !this.#readable ? undefined : this.#changes
  }

  add(index: number, before: StoredRecord, after: StoredRecord): void {
    this.#count++
    if (this.rows === undefined) return
    try {
      const change = { before: indexRow(index, before, 0), after: indexRow(index, after, 0) }
      this.#changes.push(change)
      this.#times.set(index, change.after.time)
    } catch {
      // Damaged content has unknown terms; it is erased all the same.
      this.#readable = false
    }
  }

  /**
   * Span of occurredAt of the events of a block, as they are after the changes.
   *
   * @param records of the segment, changed or not
   */
  spanIn(records: SegmentRecords, block: number): readonly [oldest: number, newest: number] | undefined {
    let oldest = Number.POSITIVE_INFINITY
    let newest = Number.NEGATIVE_INFINITY
    const from = this.#first + block * PLACE_EVERY
    records.walk(from, Math.min(this.#end, from + PLACE_EVERY), (index, record) => {
      if (record.thinned !== undefined) return
      const time = this.#times.get(index) ?? indexRow(index, record, 0).time
      oldest = Math.min(oldest, time)
      newest = Math.max(newest, time)
    })
    return oldest <= newest ? [oldest, newest] : undefined
  }
}
