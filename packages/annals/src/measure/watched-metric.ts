import type { Measured, MetricName, MetricsOptions } from './measured.ts'

/** Least time between two updates, in milliseconds. */
const LEAST_MS = 50
const DEFAULT_MS = 1_000
/** Longest delay of a timer: setTimeout takes a 32-bit number of milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1

/** A metric at a moment. */
export interface Answer<N extends MetricName> {
  readonly measured: Measured<N>
  /** When it may be another though nothing is recorded, ms since the epoch; undefined for never. */
  readonly changesAt: number | undefined
}

/** Where a watched metric comes from. */
export interface StreamSource<N extends MetricName> {
  /** @param told what was told before; undefined for the first */
  measure(told: string | undefined): Promise<Answer<N>>
  /** Entries that can be read now. */
  size(): number
  /** The clock, ms since the epoch. */
  now(): number
  /** Calls `wake` after each growth, until the returned function is called. */
  onGrowth(wake: () => void): () => void
}

/** @throws TypeError for options that no stream can have */
export function readStreamOptions({ everyMs = DEFAULT_MS, signal }: MetricsOptions = {}): {
  readonly everyMs: number
  readonly signal: AbortSignal | undefined
} {
  if (!(everyMs >= LEAST_MS && everyMs <= LONGEST_DELAY))
    throw new TypeError(`everyMs ${everyMs}: milliseconds from ${LEAST_MS}`)
  return { everyMs, signal }
}

type Next<N extends MetricName> = IteratorResult<Measured<N>, undefined>
const DONE = { done: true, value: undefined } as const

/**
 * A metric as it is now, then whenever it has changed, at most every so many milliseconds. What changes while nobody asks for the next
 * one is told together. It measures when the log has grown or its window has moved past something, and does nothing in
 * between. It is no generator, because `return()` of a waiting generator would wait as well.
 */
export class WatchedMetric<N extends MetricName> implements AsyncIterableIterator<Measured<N>, undefined> {
  readonly #source: StreamSource<N>
  readonly #everyMs: number
  readonly #signal: AbortSignal | undefined
  readonly #onEnd: () => void
  readonly #asked: {
    readonly resolve: (next: Next<N>) => void
    readonly reject: (error: unknown) => void
  }[] = []
  readonly #abort = (): void => this.end()
  /** The last value told, as text. */
  #told: string | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #asOf = 0
  #changesAt: number | undefined
  #running = false
  #ended = false
  /** Lets go of what a waiting stream waits for. */
  #release: (() => void) | undefined

  constructor(source: StreamSource<N>, everyMs: number, signal: AbortSignal | undefined, onEnd: () => void) {
    this.#source = source
    this.#everyMs = everyMs
    this.#signal = signal
    this.#onEnd = onEnd
    if (signal?.aborted === true) this.#ended = true
    else signal?.addEventListener('abort', this.#abort, { once: true })
  }

  get ended(): boolean {
    return this.#ended
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Next<N>> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        resolve(DONE)
        return
      }
      this.#asked.push({ resolve, reject })
      if (!this.#running) this.#run()
    })
  }

  return(): Promise<Next<N>> {
    this.end()
    return Promise.resolve(DONE)
  }

  /** Ends the stream; nothing of it stays behind. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#release?.()
    this.#signal?.removeEventListener('abort', this.#abort)
    for (const { resolve } of this.#asked.splice(0)) resolve(DONE)
    this.#onEnd()
  }

  #run(): void {
    this.#running = true
    this.#tell().then(
      () => {
        this.#running = false
        if (this.#asked.length > 0) this.#run()
      },
      error => {
        this.#running = false
        for (const { reject } of this.#asked.splice(0, 1)) reject(error)
        this.end()
      },
    )
  }

  /** Answers one who asked, once there is something to tell. */
  async #tell(): Promise<void> {
    for (;;) {
      if (this.#told !== undefined) await this.#change()
      if (this.#ended) return
      const { measured, changesAt } = await this.#source.measure(this.#told)
      this.#asOf = measured.asOf
      this.#changesAt = changesAt
      this.#toldAt = performance.now()
      const told = JSON.stringify([measured.value, measured.complete])
      if (told === this.#told) continue
      this.#told = told
      this.#asked.shift()?.resolve({ done: false, value: measured })
      return
    }
  }

  /** Waits until the metric may be another one, and it is time to look. */
  async #change(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    let silent: (() => void) | undefined
    await new Promise<void>(resolve => {
      this.#release = resolve
      const look = (): void => {
        silent?.()
        clearTimeout(timer)
        timer = setTimeout(resolve, Math.max(0, this.#toldAt + this.#everyMs - performance.now()))
      }
      if (this.#ended) resolve()
      else if (this.#source.size() !== this.#asOf) look()
      else {
        silent = this.#source.onGrowth(look)
        if (this.#changesAt !== undefined)
          timer = setTimeout(look, Math.min(Math.max(0, this.#changesAt - this.#source.now()), LONGEST_DELAY))
      }
    })
    this.#release = undefined
    silent?.()
    clearTimeout(timer)
  }
}
