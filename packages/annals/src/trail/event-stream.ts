import type { BatchReader, EventReader } from '../follow/event-reader.ts'
import type { AuditEvent } from '../model/index.ts'

/** A reading that begins when it is iterated; each iteration is a reader of its own. */
export class EventStream implements AsyncIterable<AuditEvent> {
  readonly #open: () => Promise<EventReader>

  constructor(open: () => Promise<EventReader>) {
    this.#open = open
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<AuditEvent> {
    return new Opening(this.#open)
  }

  /**
   * Opens a reader that gives events several at a time. It resolves, live too, as soon as query and bounds are known to be good.
   *
   * @throws AnnalsError for bounds that are none
   */
  open(): Promise<BatchReader> {
    return this.#open()
  }

  /** The events as a WebStream that reads ahead one event at most; cancelling it frees the reader. */
  toStream(): ReadableStream<AuditEvent> {
    const reader = this[Symbol.asyncIterator]()
    return new ReadableStream<AuditEvent>(
      {
        async pull(controller) {
          const { done, value } = await reader.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          await reader.return?.()
        },
      },
      { highWaterMark: 0 },
    )
  }
}

const DONE: IteratorResult<AuditEvent, undefined> = { done: true, value: undefined }

/** A reader that is still being opened: ending it now ends it then. */
class Opening implements AsyncIterableIterator<AuditEvent, undefined> {
  readonly #open: () => Promise<EventReader>
  #reader: Promise<EventReader> | undefined
  #ended = false

  constructor(open: () => Promise<EventReader>) {
    this.#open = open
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<AuditEvent, undefined>> {
    if (this.#ended) return DONE
    this.#reader ??= this.#open()
    const reader = await this.#reader
    if (this.#ended) reader.end()
    return await reader.next()
  }

  async return(): Promise<IteratorResult<AuditEvent, undefined>> {
    this.#ended = true
    ;(await this.#reader?.catch(() => undefined))?.end()
    return DONE
  }
}
