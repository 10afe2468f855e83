import { AnnalsError } from '../../model/index.ts'
import { backoffMs, pause } from '../backoff.ts'
import type { Recorded, Refused } from '../recorded.ts'
import type { Carrier, Line } from './carrier.ts'
import type { SpooledLine } from './segment.ts'
import type { Spool } from './spool.ts'

/** Most events, and about as many bytes, that are sent together. */
const BATCH_EVENTS = 1_000
const BATCH_BYTES = 1024 * 1024

/**
 * Sends what is spooled, in order, until nothing is left: what has no answer is sent again, with the same idempotency keys, for as long
 * as it takes. An event that is refused for good is put aside.
 */
export class Shipper {
  readonly #spool: Spool
  readonly #carrier: Carrier
  readonly #report: (error: Error) => void
  readonly #closed = new AbortController()
  #running: Promise<void> | undefined
  /** Ends the wait before the next try. */
  #hurry: (() => void) | undefined

  /** @param report told why nothing can be sent, once for each reason, and of every event that is put aside */
  constructor(spool: Spool, carrier: Carrier, report: (error: Error) => void) {
    this.#spool = spool
    this.#carrier = carrier
    this.#report = report
  }

  /** Whether events are spooled, or are being sent from there: what comes now must queue behind them. */
  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Begins to send, unless it has begun. */
  start(): void {
    if (this.#running !== undefined || this.#closed.signal.aborted) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      // Something may have come when it had just looked.
      if (!this.#spool.isEmpty) this.start()
    })
  }

  /** Tries again now, unless it was asked to wait for so long. */
  hurry(): void {
    this.#hurry?.()
  }

  /** Resolves when nothing is spooled any more, or at the end. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Sends no more. What is under way is waited for. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.#running
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    let last: string | undefined
    for (let tries = 0; !this.#spool.isEmpty && !this.#closed.signal.aborted; ) {
      const failure = await this.#shipSome()
      tries = failure === undefined ? 0 : tries + 1
      if (failure === undefined) continue
      if (failure.code !== last) this.#report(failure)
      last = failure.code
      await this.#rest(tries, this.#carrier.retry(failure)?.afterMs)
    }
  }

  async #rest(tries: number, afterMs: number | undefined): Promise<void> {
    const early = new AbortController()
    if (afterMs === undefined) this.#hurry = () => early.abort()
    await pause(backoffMs(tries, afterMs), AbortSignal.any([this.#closed.signal, early.signal]))
    this.#hurry = undefined
  }

  /** @returns why not all of it could be shipped, if so */
  async #shipSome(): Promise<AnnalsError | undefined> {
    try {
      const lines = batchOf(await this.#spool.peek(BATCH_EVENTS))
      if (lines.length === 0) {
        // What is spooled is being made durable.
        await pause(1, this.#closed.signal)
        return undefined
      }
      return await this.#settle(lines, await this.#carrier.carry(lines.map(lineOf)))
    } catch (error) {
      return error instanceof AnnalsError
        ? error
        : new AnnalsError('ANNALS_STORE', String(error), { cause: error })
    }
  }

  /** Takes what was answered for, up to the first event that must be sent again: order is kept. */
  async #settle(
    lines: readonly SpooledLine[],
    results: readonly (Recorded | Refused)[],
  ): Promise<AnnalsError | undefined> {
    for (const [at, line] of lines.entries()) {
      const result = results[at] as Recorded | Refused
      if ('error' in result) {
        const { error } = result
        if (this.#carrier.retry(error) !== undefined) return error
        await this.#spool.setAside(line, error)
        this.#report(error)
      }
      this.#spool.take(line)
    }
    return undefined
  }
}

/** As many as are sent together. */
function batchOf(lines: readonly SpooledLine[]): readonly SpooledLine[] {
  let bytes = 0
  let count = 0
  for (const line of lines) {
    bytes += line.bytes
    if (count > 0 && bytes > BATCH_BYTES) break
    count += 1
  }
  return lines.slice(0, count)
}

/** A spooled line as it is sent. What a damaged disk has altered is sent as it is: it is refused, and put aside. */
function lineOf({ text }: SpooledLine): Line {
  try {
    const { draft, timeless } = JSON.parse(text) as { readonly draft: unknown; readonly timeless?: true }
    return { line: JSON.stringify(draft ?? null), timeless: timeless === true }
  } catch {
    return { line: text.trim() === '' ? 'null' : text, timeless: false }
  }
}
