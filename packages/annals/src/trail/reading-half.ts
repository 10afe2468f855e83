import type {
  Measured,
  MetricName,
  MetricQuery,
  MetricReader,
  MetricStream,
  MetricsOptions,
} from '../measure/index.ts'
import type { AuditEvent } from '../model/index.ts'
import type { GroupBy } from '../query/index.ts'
import type { EventStream } from './event-stream.ts'
import type { ReadSide } from './read-side.ts'
import type { CatalogListing, CountOptions, Counts, EventsOptions, FindOptions, Found } from './trail.ts'

/** What a writing trail and a reader of a directory answer alike. */
export abstract class ReadingHalf {
  protected readonly readSide: ReadSide
  protected readonly metricReader: MetricReader

  constructor(readSide: ReadSide, metricReader: MetricReader) {
    this.readSide = readSide
    this.metricReader = metricReader
  }

  abstract close(): Promise<void>

  get size(): number {
    return this.readSide.size
  }

  events(query?: string, options?: EventsOptions): EventStream {
    return this.readSide.events(query, options)
  }

  find(query?: string, options?: FindOptions): Promise<Found> {
    return this.readSide.find(query, options)
  }

  count(query?: string, by?: readonly GroupBy[], options?: CountOptions): Promise<Counts> {
    return this.readSide.count(query, by, options)
  }

  metric<N extends MetricName>(name: N, window?: MetricQuery<N>): Promise<Measured<N>> {
    return this.metricReader.metric(name, window)
  }

  metrics<N extends MetricName>(name: N, window?: MetricQuery<N>, options?: MetricsOptions): MetricStream<N> {
    return this.metricReader.metrics(name, window, options)
  }

  get(at: string | number): Promise<AuditEvent | undefined> {
    return this.readSide.get(at)
  }

  describe(event: AuditEvent): string {
    return this.readSide.describe(event)
  }

  catalog(options?: Pick<CountOptions, 'most' | 'signal'>): Promise<readonly CatalogListing[]> {
    return this.readSide.catalog(options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
