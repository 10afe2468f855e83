// For users: what metrics answer with.

export type {
  Measured,
  MetricName,
  MetricQuery,
  MetricStream,
  MetricsOptions,
  MetricValue,
} from './measured.ts'
export { METRIC_NAMES } from './question.ts'
export type { MetricWindow } from './window.ts'

// For the trail and for servers.

export type { MetricLimit, MetricReader } from './measured.ts'
export { Meter, type MeterOptions } from './meter.ts'
