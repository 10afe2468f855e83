import { hkdfSync, randomBytes } from 'node:crypto'
import type { Item } from '../log/item.ts'
import { AnnalsError } from '../model/index.ts'
import { type CutLog, Cuts } from './cuts.ts'
import { type FollowedLog, Follower, type KeptBytes } from './follower.ts'
import type {
  Measured,
  MetricLimit,
  MetricName,
  MetricReader,
  MetricStream,
  MetricsOptions,
} from './measured.ts'
import { type Question, readQuestion } from './question.ts'
import type { RollupLimits } from './rollup.ts'
import { View } from './view.ts'
import { type Answer, readStreamOptions, type StreamSource, WatchedMetric } from './watched-metric.ts'

const KEY_BYTES = 32
const KEY_INFO = 'annals-metrics/v1'
/** Answers that streams share. */
const MOST_RECENT = 256

/** A stream, whatever it tells. */
type Watched = Pick<WatchedMetric<MetricName>, 'end'>

/** What a meter measures. */
export interface MeterOptions {
  readonly log: FollowedLog & CutLog
  /** The log's pepper; undefined for one who may not have it, who then counts from the log alone. */
  readonly pepper: Uint8Array | undefined
  readonly kept?: KeptBytes | undefined
  /** The clock, ms since the epoch. */
  readonly now: () => number
  /** Failures that nobody waits for. */
  readonly report: (error: Error) => void
  /**
   * Calls `wake` after each growth that the meter is not told of with `offer`, until the returned function is called.
   *
   * @defaultValue it is told of all
   */
  readonly onGrowth?: ((wake: () => void) => () => void) | undefined
  /** Smaller bounds, for tests. */
  readonly limits?: RollupLimits | undefined
}

/** Measures a log: follows it, and answers what is asked of it. */
export class Meter {
  readonly #options: MeterOptions
  readonly #follower: Follower
  readonly #cuts: Cuts
  readonly #streams = new Set<Watched>()
  /** Answers to streams, oldest first. */
  readonly #recent = new Map<string, { readonly at: number; readonly answer: Promise<Answer<MetricName>> }>()
  #closed = false

  constructor(options: MeterOptions) {
    const { log, pepper, kept, report, limits } = options
    this.#options = options
    this.#cuts = new Cuts(log)
    this.#follower = new Follower({
      log,
      // Without the log's key what was kept says nothing, and with another it would count everybody twice.
      key: pepper === undefined ? randomBytes(KEY_BYTES) : derivedKey(pepper),
      kept: pepper === undefined ? undefined : kept,
      report,
      limits,
    })
  }

  /** Begins to count what was recorded before. */
  start(): void {
    this.#follower.start()
  }

  /** Takes what has just become durable. Never throws. */
  offer(items: readonly Item[]): void {
    this.#follower.offer(items)
  }

  /**
   * Answers to one reader. It holds nothing but its streams.
   *
   * @param limit what the reader may be told; looked at when it asks, and what it throws is the answer. @defaultValue everything
   */
  reader(limit?: () => MetricLimit): MetricReader {
    const streams = new Set<Watched>()
    let closed = false
    return {
      metric: async (name, window) => {
        this.#requireOpen(closed)
        return (await this.#measure(readQuestion(name, window, limit?.()))).measured
      },
      metrics: (name, window, options) => {
        this.#requireOpen(closed)
        return this.#watch(readQuestion(name, window, limit?.()), options, streams)
      },
      close: () => {
        closed = true
        for (const stream of [...streams]) stream.end()
      },
    }
  }

  /** Ends every stream, and keeps what was counted. */
  async close(): Promise<void> {
    this.#closed = true
    for (const stream of [...this.#streams]) stream.end()
    await this.#follower.close()
  }

  async #measure<N extends MetricName>(question: Question<N>): Promise<Answer<N>> {
    const { name, metric, asked, options, isForeign } = question
    const rollup = await this.#follower.caughtUp()
    const { position, groups, newest } = rollup
    const tenant = asked.tenant === undefined ? undefined : rollup.tenant(asked.tenant)
    const view = new View(asked, metric.needs, {
      buckets: isForeign ? [] : rollup.buckets(),
      match: groups.match({ ...asked, tenant }),
      end: Math.max(newest + 1, Math.floor(this.#options.now())),
      cut: (bucket, span) => this.#cuts.cut(rollup, bucket, span),
    })
    const value = (await metric.measure(view, options)) as Measured<N>['value']
    const { complete, covered, changesAt } = view
    const window = { from: iso(covered.from), to: iso(covered.to) }
    return { measured: { metric: name, window, asOf: position, complete, value }, changesAt }
  }

  /** The answer to the same question, if one was given within so many milliseconds: many may watch the same. */
  #recently<N extends MetricName>(question: Question<N>, withinMs: number): Promise<Answer<N>> {
    const { name, asked, options, isForeign } = question
    const key = JSON.stringify([name, asked, options, isForeign])
    const now = performance.now()
    const known = this.#recent.get(key)
    if (known !== undefined && now - known.at < withinMs) return known.answer as Promise<Answer<N>>
    const answer = this.#measure(question)
    this.#recent.delete(key)
    this.#recent.set(key, { at: now, answer })
    answer.catch(() => this.#recent.delete(key))
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > MOST_RECENT && oldest !== undefined) this.#recent.delete(oldest)
    return answer
  }

  #watch<N extends MetricName>(
    question: Question<N>,
    options: MetricsOptions | undefined,
    streams: Set<Watched>,
  ): MetricStream<N> {
    const { everyMs, signal } = readStreamOptions(options)
    const { log, now, onGrowth } = this.#options
    const source: StreamSource<N> = {
      // What a stream begins with is as it is then; an update may be half a period old, since another follows.
      measure: told => this.#recently(question, told === undefined ? 0 : everyMs / 2),
      size: () => log.size(),
      now,
      onGrowth: onGrowth ?? (wake => this.#follower.onGrowth(wake)),
    }
    return {
      [Symbol.asyncIterator]: () => {
        const stream = new WatchedMetric(source, everyMs, signal, () => {
          streams.delete(stream)
          this.#streams.delete(stream)
          if (this.#streams.size === 0) this.#recent.clear()
        })
        if (this.#closed) stream.end()
        if (!stream.ended) for (const set of [streams, this.#streams]) set.add(stream)
        return stream
      },
    }
  }

  #requireOpen(closed: boolean): void {
    if (closed || this.#closed)
      throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again to read.' })
  }
}

function derivedKey(pepper: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', pepper, '', KEY_INFO, KEY_BYTES))
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
