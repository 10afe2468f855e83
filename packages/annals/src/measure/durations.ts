import type { ByteReader, ByteWriter } from './bytes.ts'

/** Relative error of a quantile. */
export const DURATION_ERROR = 0.01
const GROWTH: number = (1 + DURATION_ERROR) / (1 - DURATION_ERROR)
const LOG_GROWTH: number = Math.log(GROWTH)
/** What is shorter counts as nothing, in milliseconds: a microsecond. */
const SHORTEST = 0.001
/** What is longer shares one bin, in milliseconds: 115 days. */
const LONGEST = 1e10
const TOP: number = binOf(LONGEST)

/**
 * Durations in milliseconds: count, sum, least and greatest exactly, and a histogram whose bins grow by 2 %, as in DDSketch
 * (Masson, Rim and Lee, 2019). A quantile is within 1 % of the duration at its rank. At most 1,498 bins; two can be merged.
 */
export class Durations {
  count = 0
  sum = 0
  min: number = Number.POSITIVE_INFINITY
  max: number = 0
  readonly #bins = new Map<number, number>()

  /** @param duration 0 or more, finite */
  add(duration: number): void {
    this.#include(1, duration, duration, duration)
    this.#raise(Math.min(binOf(duration), TOP), 1)
  }

  /** The duration at the rank ⌈q · count⌉, q from 0 to 1; 0 when there is none. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.count))
    let seen = 0
    for (const [bin, count] of [...this.#bins].sort(([a], [b]) => a - b)) {
      seen += count
      if (seen >= rank) return Math.min(this.max, Math.max(this.min, middleOf(bin)))
    }
    return 0
  }

  write(to: ByteWriter): void {
    to.number(this.count)
    if (this.count === 0) return
    to.double(this.sum)
    // One alone is its own least and greatest.
    if (this.count === 1) return
    to.double(this.min)
    to.double(this.max)
    to.number(this.#bins.size)
    let before = 0
    for (const [bin, count] of [...this.#bins].sort(([a], [b]) => a - b)) {
      to.number(bin - before)
      to.number(count)
      before = bin
    }
  }

  /** Adds what {@link write} wrote of another. */
  merge(from: ByteReader): void {
    const count = from.number()
    if (count === 0) return
    const sum = from.double()
    if (count === 1) {
      this.add(sum)
      return
    }
    this.#include(count, sum, from.double(), from.double())
    let bin = 0
    for (let left = from.number(); left > 0; left--) {
      bin += from.number()
      this.#raise(bin, from.number())
    }
  }

  #include(count: number, sum: number, min: number, max: number): void {
    this.count += count
    this.sum += sum
    if (min < this.min) this.min = min
    if (max > this.max) this.max = max
  }

  #raise(bin: number, by: number): void {
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + by)
  }
}

/** Bin 0 holds what is shorter than a microsecond; bin n durations from `GROWTH ** (n - 2)` microseconds to `GROWTH ** (n - 1)`. */
function binOf(duration: number): number {
  return duration < SHORTEST ? 0 : 1 + Math.max(0, Math.ceil(Math.log(duration / SHORTEST) / LOG_GROWTH))
}

/** The value with the least relative error to both ends of a bin. */
function middleOf(bin: number): number {
  return bin === 0 ? 0 : (SHORTEST * 2 * GROWTH ** (bin - 1)) / (GROWTH + 1)
}
