/** Durations in milliseconds, kept to be asked for quantiles. */
export interface Latencies {
  add(milliseconds: number): void
  readonly count: number
  /** The duration that a share of all stays at or below, rounded to microseconds; 0 when there is none. */
  quantile(share: number): number
}

/** An empty collection; eight bytes a duration. */
export function createLatencies(): Latencies {
  let values = new Float64Array(1024)
  let count = 0
  return {
    add(milliseconds): void {
      if (count === values.length) {
        const larger = new Float64Array(count * 2)
        larger.set(values)
        values = larger
      }
      values[count++] = milliseconds
    },
    get count(): number {
      return count
    },
    quantile(share): number {
      const sorted = values.slice(0, count).sort()
      const at = Math.min(count - 1, Math.max(0, Math.ceil(share * count) - 1))
      return Math.round((sorted[at] ?? 0) * 1000) / 1000
    },
  }
}
