import type { BatchReader } from 'annals'
import type { AuditEvent } from 'annals/model'
import type { EndReason } from './end-reason.ts'

/** Events asked of a reader at a time. They are the most that a client can still be sent after an erasure. */
const BATCH = 64

/** Bytes that go out in one write, about: after so many it is seen whether the client takes them. */
export const WRITE_BYTES: number = 64 * 1024

/** Where a stream goes. */
export interface Outlet {
  /** Sends the first events from a place on: at least one, and at most about WRITE_BYTES. @returns how many */
  send(events: readonly AuditEvent[], from: number): number
  /** Whether the client has yet to take what was sent. When it has, the delivery is told by `drained`. */
  readonly full: boolean
}

/** How a delivery ended. */
export interface Ending {
  readonly reason: EndReason
  /** Position to go on from: what was sent lies below it, and nothing else that matches does. */
  readonly resume: number
  /** What failed. */
  readonly error?: unknown
}

/**
 * Passes on what a reader gives, as fast as the client takes it and no faster: nothing is read ahead but one batch, so a slow client
 * costs no memory. What it has not read by then is read from the log when it comes to it.
 */
export class Delivery {
  readonly #reader: BatchReader
  readonly #limit: number
  readonly #atEnd: () => EndReason
  readonly #restMs: () => number
  #given = 0
  #reason: EndReason | undefined
  #wake: (() => void) | undefined

  constructor(
    reader: BatchReader,
    options: {
      /** Most events. @defaultValue no bound */
      readonly limit?: number | undefined
      /** Why the reader ends when it ends by itself, before the limit. */
      readonly atEnd: () => EndReason
      /** Milliseconds to rest after a write. */
      readonly restMs: () => number
    },
  ) {
    this.#reader = reader
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY
    this.#atEnd = options.atEnd
    this.#restMs = options.restMs
  }

  /** Everything below has been dealt with, whenever the outlet is not full. */
  get position(): number {
    return this.#reader.position
  }

  /** Delivers until the end; never rejects. The reader is free when it resolves. */
  async run(outlet: Outlet): Promise<Ending> {
    try {
      while (this.#reason === undefined) {
        const events = await this.#reader.nextBatch(BATCH)
        if (events.length === 0) break
        const sent = await this.#send(events, outlet)
        this.#given += sent
        const next = events[sent]
        if (next !== undefined) return { reason: this.#reason ?? 'failed', resume: next.index }
        // A full batch says that there is more, which is not to wait.
        if (events.length < BATCH) await this.#wait(this.#restMs())
      }
      const reason = this.#reason ?? (this.#given >= this.#limit ? 'limit' : this.#atEnd())
      return { reason, resume: this.#reader.position }
    } catch (error) {
      return { reason: 'failed', resume: this.#reader.position, error }
    } finally {
      this.#reader.end()
    }
  }

  /** Ends it now, and frees the reader; the first reason counts. */
  end(reason: EndReason): void {
    this.#reason ??= reason
    this.#reader.end()
    this.#wake?.()
  }

  /** The outlet is no longer full. */
  drained(): void {
    this.#wake?.()
  }

  /** @returns how many were sent: not all when it is to end */
  async #send(events: readonly AuditEvent[], outlet: Outlet): Promise<number> {
    let at = 0
    while (at < events.length && this.#reason === undefined) {
      at += outlet.send(events, at)
      if (outlet.full) await this.#wait()
    }
    return at
  }

  /** Waits until something happens, or for so many milliseconds. */
  async #wait(ms?: number): Promise<void> {
    if (this.#reason !== undefined || (ms !== undefined && ms < 1)) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#wake = resolve
      if (ms !== undefined) timer = setTimeout(resolve, ms)
    })
    clearTimeout(timer)
    this.#wake = undefined
  }
}
