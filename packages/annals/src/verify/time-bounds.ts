/**
 * A cosigned checkpoint says: entries below `size` were there at `time`, and those from `size` on were not. A time stamp may have been
 * asked for later, when the log had grown: it says the first only.
 */
export interface TimeBound {
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stamp?: true
}

/** How far `recordedAt` may lie off what cosigned checkpoints say, in milliseconds. */
export const SKEW_MS = 600_000

/** Bounds on `recordedAt`, asked for positions in ascending order. */
export class TimeBounds {
  readonly #sizes: readonly number[]
  /** At `n`: the latest time among the first `n` bounds, and the earliest among the rest. */
  readonly #after: readonly number[]
  readonly #before: readonly number[]
  readonly #skew: number
  #n = 0

  constructor(bounds: readonly TimeBound[], skew: number) {
    const sorted = bounds.toSorted((a, b) => a.size - b.size)
    const after = [Number.NEGATIVE_INFINITY]
    const before = [Number.POSITIVE_INFINITY]
    for (const { time, stamp } of sorted)
      after.push(Math.max(after.at(-1) as number, stamp === true ? Number.NEGATIVE_INFINITY : time))
    for (const { time } of sorted.toReversed()) before.push(Math.min(before.at(-1) as number, time))
    this.#sizes = sorted.map(bound => bound.size)
    this.#after = after
    this.#before = before.toReversed()
    this.#skew = skew
  }

  /** How many milliseconds the time of an entry lies outside its bounds; negative when it is too early, 0 when it is within. */
  off(index: number, time: number): number {
    const sizes = this.#sizes
    while (this.#n < sizes.length && (sizes[this.#n] as number) <= index) this.#n++
    const earliest = (this.#after[this.#n] as number) - this.#skew
    if (time < earliest) return time - earliest
    const latest = (this.#before[this.#n] as number) + this.#skew
    return time > latest ? time - latest : 0
  }
}
