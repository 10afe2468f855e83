import type { Findings } from './findings.ts'

/** Consecutive counters of one source: first, last, and the position where the first stands. */
export type CounterRange = [from: number, to: number, index: number]

/** Ranges of all sources, in a form that crosses threads. */
export type SourceRanges = readonly (readonly [source: string, ranges: readonly CounterRange[]])[]

/** Ranges that are remembered; a log with more gaps than this is not worth describing further. */
const MOST_RANGES = 100_000

/**
 * The counters that each source used, as ranges: parallel connections commit out of order, so what counts is the set.
 * Memory grows with the number of sources and gaps, not with events.
 */
export class SourceCounters {
  readonly #sources = new Map<string, CounterRange[]>()
  #last: CounterRange | undefined
  #lastSource = ''
  #count = 0

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
      return true
    }
    return this.#insert(source, [counter, counter, index])
  }

  /** Adds what another range of the log used; calls back for each range that was used before. */
  addAll(ranges: SourceRanges, repeated: (source: string, range: CounterRange) => void): void {
    for (const [source, list] of ranges)
      for (const range of list) if (!this.#insert(source, [...range])) repeated(source, range)
  }

  ranges(): SourceRanges {
    return [...this.#sources]
  }

  /** Reports every source whose counters do not run from 1 without a gap. */
  check(findings: Findings): void {
    for (const [source, ranges] of this.#sources) {
      let next = 1
      for (const [from, to, index] of ranges) {
        if (from > next) {
          const missing = from - next === 1 ? `counter ${next} is` : `counters ${next} to ${from - 1} are`
          findings.add(
            'E_SOURCE_GAP',
            index,
            `Source ${source}: ${missing} missing; events were dropped before they were put in order, or removed.`,
          )
        }
        next = to + 1
      }
    }
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
      if (joinsAfter) ranges.splice(at, 1)
      this.#last = before
    } else if (joinsAfter) {
      after[0] = range[0]
      after[2] = range[2]
      this.#last = after
    } else {
      if (++this.#count > MOST_RANGES) return true
      ranges.splice(at, 0, range)
      this.#last = range
    }
    return true
  }
}
