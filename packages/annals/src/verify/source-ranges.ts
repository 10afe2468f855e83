import type { Range } from '../log/log-store.ts'
import type { Findings } from './findings.ts'

/** Consecutive counters of one source: first, last, and the positions where the first and the last stand. */
export type CounterRange = [from: number, to: number, index: number, lastIndex: number]

/** Ranges of all sources, in a form that crosses threads. */
export type SourceRanges = readonly (readonly [source: string, ranges: readonly CounterRange[]])[]

/** Ranges that are remembered; gaps beyond them are counted only. */
const MOST_RANGES = 100_000
/** Parallel connections of one source commit this far out of order, in positions. */
const ABOUT = 1_024

/**
 * The counters that each source used, as ranges: parallel connections commit out of order, so what counts is the set.
 * Memory grows with the number of sources and gaps, not with events.
 */
export class SourceCounters {
  readonly #sources = new Map<string, CounterRange[]>()
  #last: CounterRange | undefined
  #lastSource = ''
  #count = 0
  #bridged = 0

  /** Adds a counter; false when this source has used it before. */
  add(source: string, counter: number, index: number): boolean {
    const last = this.#last
    if (
      last !== undefined &&
      source === this.#lastSource &&
      counter === last[1] + 1 &&
      this.#isLast(source, last)
    ) {
      last[1] = counter
      last[3] = index
      return true
    }
    return this.#insert(source, [counter, counter, index, index])
  }

  /** Adds what another range of the log used; calls back for each range that was used before. */
  addAll(ranges: SourceRanges, repeated: (source: string, range: CounterRange) => void, bridged = 0): void {
    this.#bridged += bridged
    for (const [source, list] of ranges)
      for (const range of list) if (!this.#insert(source, [...range])) repeated(source, range)
  }

  /** Counters that are missing beyond the ranges that are remembered. */
  get bridged(): number {
    return this.#bridged
  }

  ranges(): SourceRanges {
    return [...this.#sources]
  }

  /**
   * Reports every source whose counters do not run from 1 without a gap. What retention has thinned no longer says its source:
   * a gap is accounted for when as many entries as it lacks were thinned about there.
   *
   * @param thinned entries thinned from a position to another
   */
  check(findings: Findings, thinned: (range: Range) => number = () => 0): void {
    for (const [source, ranges] of this.#sources) {
      let next = 1
      let before = 0
      for (const [from, to, index, lastIndex] of ranges) {
        if (from > next && thinned([before - ABOUT, index + ABOUT]) < from - next) {
          const missing = from - next === 1 ? `counter ${next} is` : `counters ${next} to ${from - 1} are`
          findings.add(
            'E_SOURCE_GAP',
            index,
            `Source ${source}: ${missing} missing; events were dropped before they were put in order, or removed.`,
          )
        }
        next = to + 1
        before = lastIndex
      }
    }
    if (this.#bridged > 0 && thinned([0, Number.MAX_SAFE_INTEGER]) < this.#bridged)
      findings.add(
        'E_SOURCE_GAP',
        undefined,
        `${this.#bridged} more counters of sources are missing than entries were thinned.`,
      )
  }

  #isLast(source: string, range: CounterRange): boolean {
    const ranges = this.#sources.get(source)
    return ranges !== undefined && ranges[ranges.length - 1] === range
  }

  /** Ranges stay sorted and apart. */
  #insert(source: string, range: CounterRange): boolean {
    let ranges = this.#sources.get(source)
    if (ranges === undefined) {
      ranges = []
      this.#sources.set(source, ranges)
    }
    let at = ranges.length
    while (at > 0 && (ranges[at - 1] as CounterRange)[0] > range[0]) at--
    const before = ranges[at - 1]
    const after = ranges[at]
    if ((before !== undefined && before[1] >= range[0]) || (after !== undefined && after[0] <= range[1]))
      return false
    const joinsBefore = before !== undefined && before[1] + 1 === range[0]
    const joinsAfter = after !== undefined && after[0] === range[1] + 1
    this.#lastSource = source
    if (joinsBefore) {
      before[1] = joinsAfter ? after[1] : range[1]
      before[3] = joinsAfter ? after[3] : range[3]
      if (joinsAfter) ranges.splice(at, 1)
      this.#last = before
    } else if (joinsAfter) {
      after[0] = range[0]
      after[2] = range[2]
      this.#last = after
    } else {
      if (++this.#count > MOST_RANGES && before !== undefined && at === ranges.length) {
        // One gap more is only counted: the range goes on over it.
        this.#bridged += range[0] - before[1] - 1
        before[1] = range[1]
        before[3] = range[3]
        this.#last = before
        return true
      }
      ranges.splice(at, 0, range)
      this.#last = range
    }
    return true
  }
}
