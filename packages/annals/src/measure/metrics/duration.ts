import type { Durations } from '../durations.ts'
import type { Metric } from '../metric.ts'

/** How long operations took, in milliseconds; zeros when none says so. */
export interface DurationSummary {
  /** Operations with a duration. */
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Percentiles by nearest rank, within 1 %. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** How long operations took: those whose outcome has a `durationMs`. */
export const duration: Metric<DurationSummary> = {
  options: [],
  needs: ['durations'],
  measure: async view => durationOf((await view.total()).tally.durations),
}

export function durationOf(durations: Durations): DurationSummary {
  const { count, sum, min, max } = durations
  return {
    count,
    min: count === 0 ? 0 : min,
    max,
    mean: count === 0 ? 0 : sum / count,
    p50: durations.quantile(0.5),
    p90: durations.quantile(0.9),
    p99: durations.quantile(0.99),
  }
}
