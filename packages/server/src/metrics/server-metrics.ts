import type { TrailStatus } from 'annals'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the gauges are read from, when somebody asks. */
export interface MeasuredServer {
  status(): Promise<TrailStatus>
  /** Live readers that wait for news. */
  listeners(): number
  /** Live streams that are open. */
  streams(): number
  /** Connections that are open. */
  connections(): Promise<number>
}

/** Seconds; up to what a client waits for. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Metrics of the process are one for all servers in it. */
let ofProcess: Registry | undefined

/** Counts for Prometheus. Labels are names of routes, statuses and codes: lists that are closed, and nothing of any event. */
export class ServerMetrics {
  readonly #registry = new Registry()
  readonly #requests: Counter
  readonly #seconds: Histogram
  readonly #problems: Counter
  readonly #recorded: Counter
  readonly #refused: Counter

  constructor() {
    const registers = [this.#registry]
    this.#requests = new Counter({
      name: 'annals_http_requests_total',
      help: 'Requests that have ended.',
      labelNames: ['route', 'status'],
      registers,
    })
    this.#seconds = new Histogram({
      name: 'annals_http_request_seconds',
      help: 'How long requests took until their end; of live streams, how long they lived.',
      labelNames: ['route'],
      buckets: BUCKETS,
      registers,
    })
    this.#problems = new Counter({
      name: 'annals_http_problems_total',
      help: 'Answers that are problems, by their code.',
      labelNames: ['code'],
      registers,
    })
    this.#recorded = new Counter({
      name: 'annals_events_recorded_total',
      help: 'Events of applications that became durable since the start.',
      registers,
    })
    this.#refused = new Counter({
      name: 'annals_events_refused_total',
      help: 'Events that were sent and not recorded, by the code of the reason.',
      labelNames: ['code'],
      registers,
    })
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status: String(status) })
    this.#seconds.observe({ route }, seconds)
  }

  problem(code: string): void {
    this.#problems.inc({ code })
  }

  /** An event has become durable. */
  recorded(): void {
    this.#recorded.inc()
  }

  /** An event was not recorded. */
  refused(code: string): void {
    this.#refused.inc({ code })
  }

  /** Adds what is measured when it is asked for. */
  measure({ status, listeners, streams, connections }: MeasuredServer): void {
    const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        async collect() {
          this.set(await read())
        },
      })
    }
    gauge('annals_log_size', 'Entries of the log.', async () => (await status()).size)
    gauge('annals_streams_open', 'Live streams that are open.', streams)
    gauge('annals_readers_waiting', 'Live readers that wait for news.', listeners)
    gauge('annals_connections_open', 'Connections that are open.', connections)
    gauge('annals_checkpoint_age_seconds', 'Since the latest checkpoint; NaN before the first.', async () => {
      const at = (await status()).checkpoint?.at
      return at === undefined ? Number.NaN : (Date.now() - Date.parse(at)) / 1000
    })
    gauge(
      'annals_log_bytes',
      'Bytes of all chunks with their indexes.',
      async () => (await status()).chunks.bytes,
    )
    gauge('annals_recording_failed', '1 when the last append failed.', async () =>
      (await status()).failure === undefined ? 0 : 1,
    )
  }

  /** The text that Prometheus reads, and its media type. */
  async text(): Promise<{ readonly type: string; readonly text: string }> {
    if (ofProcess === undefined) {
      ofProcess = new Registry()
      collectDefaultMetrics({ register: ofProcess })
    }
    const [own, process] = await Promise.all([this.#registry.metrics(), ofProcess.metrics()])
    return { type: this.#registry.contentType, text: `${own}${process}` }
  }
}
