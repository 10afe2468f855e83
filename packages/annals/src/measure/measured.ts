import type { Metric } from './metric.ts'
import type * as METRICS from './metrics/index.ts'
import type { MetricWindow } from './window.ts'

type Metrics = typeof METRICS

/** The name of a metric. */
export type MetricName = keyof Metrics

/** What a metric answers with. */
export type MetricValue<N extends MetricName> =
  Metrics[N] extends Metric<infer Value, infer _> ? Value : never

/** What a metric is asked: a window, with options of its own. */
export type MetricQuery<N extends MetricName> = MetricWindow &
  (Metrics[N] extends Metric<infer _, infer Options> ? Options : never)

/** A metric of a window. Plain JSON; every number is finite. */
export interface Measured<N extends MetricName = MetricName> {
  readonly metric: N
  /**
   * The window that was measured, half-open, ISO 8601 UTC. It is the one that was asked for, or a wider one: see
   * `docs/guides/metrics.md`. Where none was asked for it is from the first operation to the last, and null when there is none.
   */
  readonly window: { readonly from: string | null; readonly to: string | null }
  /** Entries of the log that are taken into account: all that were recorded when it was asked. */
  readonly asOf: number
  /**
   * False when a bound on the number of actions and tenants was reached, so that operations of the window may be counted under others
   * and be missing here.
   */
  readonly complete: boolean
  readonly value: MetricValue<N>
}

/** Options of a stream of metrics. */
export interface MetricsOptions {
  /** At least so many milliseconds lie between two updates, from 50. @defaultValue 1000 */
  readonly everyMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** A metric as it is now, and again whenever it has changed. Ending the iteration frees it at once. */
export interface MetricStream<N extends MetricName = MetricName> extends AsyncIterable<Measured<N>> {
  [Symbol.asyncIterator](): AsyncIterableIterator<Measured<N>>
}

/** What a reader may be told. */
export interface MetricLimit {
  /** The only tenant; undefined for all. */
  readonly tenant: string | undefined
  /** The most privileged visibility. */
  readonly visibility: NonNullable<MetricWindow['visibility']>
  /** What is withheld: metrics that need it are refused. */
  readonly withheld: readonly ('durations' | 'actors' | 'targets')[]
}

/** What answers questions about metrics. */
export interface MetricReader {
  metric<N extends MetricName>(name: N, window?: MetricQuery<N>): Promise<Measured<N>>
  metrics<N extends MetricName>(name: N, window?: MetricQuery<N>, options?: MetricsOptions): MetricStream<N>
  /** Ends its streams. */
  close(): void
}
