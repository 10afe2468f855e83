import type { AuditEvent } from '../../model/index.ts'
import type { EventStream } from '../../trail/trail.ts'

/** Where events come from, some at a time; it ends when the signal does. */
export type EventSource = (signal: AbortSignal) => AsyncGenerator<readonly AuditEvent[], void, undefined>

const DONE: IteratorResult<AuditEvent, undefined> = { done: true, value: undefined }

/** A reading that begins when it is iterated; each iteration is a reading of its own. */
export class RemoteEventStream implements EventStream {
  readonly #source: EventSource
  readonly #signals: readonly AbortSignal[]

  /** @param signals each of them ends every reading */
  constructor(source: EventSource, signals: readonly AbortSignal[]) {
    this.#source = source
    this.#signals = signals
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<AuditEvent> {
    return new Reading(this.#source, this.#signals)
  }

  toStream(): ReadableStream<AuditEvent> {
    const reading = this[Symbol.asyncIterator]()
    return new ReadableStream<AuditEvent>(
      {
        async pull(controller) {
          const { done, value } = await reading.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          await reading.return?.()
        },
      },
      { highWaterMark: 0 },
    )
  }
}

/** One reading. It is no generator, because `return()` of a waiting generator would wait as well: ending this one ends it at once. */
class Reading implements AsyncIterableIterator<AuditEvent, undefined> {
  readonly #stop = new AbortController()
  readonly #events: AsyncGenerator<readonly AuditEvent[], void, undefined>
  readonly #signals: readonly AbortSignal[]
  readonly #end = (): void => this.#finish()
  #page: readonly AuditEvent[] = []
  #at = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(source: EventSource, signals: readonly AbortSignal[]) {
    this.#events = source(this.#stop.signal)
    this.#signals = signals
    for (const signal of signals) {
      if (signal.aborted) this.#finish()
      else signal.addEventListener('abort', this.#end)
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<AuditEvent, undefined>> {
    const turn = this.#turn.then(() => this.#next())
    this.#turn = turn.catch(() => {})
    return turn
  }

  async return(): Promise<IteratorResult<AuditEvent, undefined>> {
    this.#finish()
    return DONE
  }

  async #next(): Promise<IteratorResult<AuditEvent, undefined>> {
    while (!this.#stop.signal.aborted) {
      const event = this.#page[this.#at]
      if (event !== undefined) {
        this.#at += 1
        return { done: false, value: event }
      }
      try {
        const { done, value } = await this.#events.next()
        if (done === true) this.#finish()
        else {
          this.#page = value
          this.#at = 0
        }
      } catch (error) {
        // Ending it breaks what it waits for.
        if (this.#stop.signal.aborted) break
        this.#finish()
        throw error
      }
    }
    return DONE
  }

  #finish(): void {
    if (this.#stop.signal.aborted) return
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#end)
    this.#stop.abort()
    this.#page = []
    this.#events.return().catch(() => {})
  }
}
