import { overloaded, type SequencerLimits } from '../log/sequencer-limits.ts'
import type { AnnalsError } from '../model/index.ts'
import { backoffMs, pause } from '../record/backoff.ts'
import type { Handed, Terms } from '../record/handing.ts'
import type { Recorded } from '../record/recorded.ts'
import { denialOf } from './denial.ts'
import { closed, timedOut } from './outbox-refusals.ts'
import type { Prepared } from './prepare.ts'
import { isTransient, RemoteError } from './remote-error.ts'
import type { Sender, SentResult } from './sender.ts'

/** Most events, and about as many bytes, of one request. */
const BATCH_EVENTS = 1_000
const BATCH_BYTES = 1024 * 1024

/** An event on its way. */
interface Outgoing {
  readonly prepared: Prepared
  readonly terms: Terms
  /** Milliseconds of the monotonic clock; −∞ once nobody waits for it. */
  since: number
  resolve(recorded: Recorded): void
  reject(error: AnnalsError): void
  /** It was in a request whose answer did not come: the server may have recorded it. */
  mayBeThere: boolean
  /** Nobody waits for it any more, but the server may record it. */
  isDisowned: boolean
  /** Where it is. */
  recorded: Recorded | undefined
}

/** What an outbox works with. */
export interface OutboxOptions {
  readonly limits: SequencerLimits
  /** Milliseconds in which further events are gathered before a request goes out. */
  readonly lingerMs: number
  /** Told of failures that no caller waits for. */
  readonly report: (error: Error) => void
}

/**
 * Sends events in the order in which they came, in batches, one request at a time: what comes while one is under way is the next
 * batch. What may not be tried again is refused at the first failure. Nothing waits for longer than its bound, and no more waits than
 * the bound: beyond it is ANNALS_OVERLOADED.
 */
export class Outbox {
  readonly #sender: Sender
  readonly #options: OutboxOptions
  #waiting: Outgoing[] = []
  /** The batch under way. */
  #sending: readonly Outgoing[] = []
  #count = 0
  /** Of these, those whose caller was answered. */
  #disowned = 0
  #bytes = 0
  #isPumping = false
  #timer: NodeJS.Timeout | undefined
  #isExpiring = false
  readonly #closed = new AbortController()
  #idle: (() => void)[] = []

  constructor(sender: Sender, options: OutboxOptions) {
    this.#sender = sender
    this.#options = options
  }

  /** Takes an event over. */
  hand(prepared: Prepared, terms: Terms): Handed {
    const { outstanding, outstandingBytes } = this.#options.limits
    const { promise, resolve, reject } = Promise.withResolvers<Recorded>()
    const one: Outgoing = {
      prepared,
      terms,
      since: performance.now(),
      resolve,
      reject,
      mayBeThere: false,
      isDisowned: false,
      recorded: undefined,
    }
    if (this.#closed.signal.aborted) reject(closed())
    else if (this.#count >= outstanding || this.#bytes >= outstandingBytes) reject(overloaded(this.#count))
    else this.#add(one)
    return {
      id: prepared.key,
      answer: promise,
      withdraw: () => this.#withdraw(one),
      deny: () => this.#deny(one),
    }
  }

  /** Resolves when nobody waits for an answer any more. */
  async settled(): Promise<void> {
    if (this.#count > this.#disowned) await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  /** Refuses what comes from now on; what still waits is refused. */
  close(): void {
    this.#closed.abort()
    clearInterval(this.#timer)
    for (const one of this.#waiting.splice(0)) this.#reject(one, closed())
  }

  #add(one: Outgoing): void {
    const { patienceMs, checkMs = Math.max(10, patienceMs / 20) } = this.#options.limits
    this.#timer ??= setInterval(() => this.#expire(), checkMs).unref()
    this.#count += 1
    this.#bytes += one.prepared.bytes
    this.#waiting.push(one)
    if (!this.#isPumping) void this.#pump()
  }

  /** Never rejects. */
  async #pump(): Promise<void> {
    this.#isPumping = true
    for (let tries = 0; this.#waiting.length > 0 && !this.#closed.signal.aborted; ) {
      // What is recorded in one go goes out in one request.
      if (tries === 0) await gather(this.#options.lingerMs)
      const batch = this.#takeBatch()
      if (batch.length === 0) continue
      const failure = await this.#send(batch)
      tries = failure === undefined ? 0 : tries + 1
      if (failure !== undefined && this.#waiting.length > 0)
        await pause(backoffMs(tries, failure.retryAfterMs), this.#closed.signal)
    }
    this.#isPumping = false
  }

  #takeBatch(): readonly Outgoing[] {
    let count = 0
    let bytes = 0
    for (const { prepared } of this.#waiting) {
      if (count >= BATCH_EVENTS || (count > 0 && bytes + prepared.bytes > BATCH_BYTES)) break
      count += 1
      bytes += prepared.bytes
    }
    return this.#waiting.splice(0, count)
  }

  /** Sends a batch; what is to be tried again stands before everything else. @returns why, if there is any */
  async #send(batch: readonly Outgoing[]): Promise<RemoteError | undefined> {
    this.#sending = batch
    let results: readonly SentResult[]
    try {
      results = await this.#sender.carry(batch.map(({ prepared }) => prepared))
    } catch (error) {
      return this.#failed(batch, error instanceof RemoteError ? error : unexpected(error))
    } finally {
      this.#sending = []
    }
    let failure: RemoteError | undefined
    const again: Outgoing[] = []
    for (const [at, one] of batch.entries()) {
      const result = results[at] as SentResult
      if (!('error' in result)) this.#resolve(one, result)
      else if (isTransient(result.error)) {
        failure = result.error instanceof RemoteError ? result.error : transient(result.error)
        again.push(one)
      } else this.#reject(one, result.error)
    }
    if (failure !== undefined) this.#retry(again, failure)
    return failure
  }

  #failed(batch: readonly Outgoing[], error: RemoteError): RemoteError {
    if (!error.untouched) for (const one of batch) one.mayBeThere = true
    this.#retry(batch, error)
    return error
  }

  /** What may be tried again stands before everything else. */
  #retry(batch: readonly Outgoing[], error: RemoteError): void {
    const isClosed = this.#closed.signal.aborted
    const again: Outgoing[] = []
    for (const one of batch) {
      if (!one.terms.retries || !error.transient) this.#reject(one, error)
      else if (isClosed) this.#reject(one, closed())
      else again.push(one)
    }
    this.#waiting.unshift(...again)
    this.#expire()
  }

  #withdraw(one: Outgoing): void {
    one.since = Number.NEGATIVE_INFINITY
    if (this.#isExpiring) return
    this.#isExpiring = true
    // Once for all that are withdrawn together.
    queueMicrotask(() => {
      this.#isExpiring = false
      this.#expire()
    })
  }

  /** Answers those who have waited too long. What the server may have can only be disowned; the rest is withdrawn. */
  #expire(): void {
    if (this.#count === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const now = performance.now()
    const isDue = ({ since, terms }: Outgoing): boolean => since < now - terms.patienceMs
    const kept: Outgoing[] = []
    for (const one of this.#waiting) {
      if (!isDue(one)) kept.push(one)
      else if (one.mayBeThere) {
        this.#disown(one)
        kept.push(one)
      } else this.#reject(one, timedOut(one.terms, 'withdrawn'))
    }
    this.#waiting = kept
    for (const one of this.#sending) if (isDue(one)) this.#disown(one)
  }

  #disown(one: Outgoing): void {
    if (one.isDisowned) return
    one.isDisowned = true
    this.#disowned += 1
    one.reject(timedOut(one.terms, 'disowned'))
    this.#tellIdle()
  }

  #resolve(one: Outgoing, recorded: Recorded): void {
    one.recorded = recorded
    // Before it is forgotten: whoever waits for everything waits for its denial, too.
    if (one.isDisowned) one.terms.late(recorded)
    else one.resolve(recorded)
    this.#forget(one)
  }

  #reject(one: Outgoing, error: AnnalsError): void {
    this.#forget(one)
    if (!one.isDisowned) one.reject(error)
  }

  #forget(one: Outgoing): void {
    this.#count -= 1
    this.#bytes -= one.prepared.bytes
    if (one.isDisowned) this.#disowned -= 1
    this.#tellIdle()
  }

  #tellIdle(): void {
    if (this.#count <= this.#disowned) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** No attempt may stand for an action that was refused: an outcome follows it. */
  #deny({ prepared, recorded, terms }: Outgoing): void {
    if (recorded === undefined || recorded.level === 'queued' || recorded.paused === true) return
    const denial = denialOf(prepared, recorded.id)
    if (denial === undefined) return
    if (this.#closed.signal.aborted) {
      this.#options.report(closed())
      return
    }
    this.#add({
      prepared: denial,
      terms: { ...terms, patienceMs: this.#options.limits.patienceMs, retries: true, late: () => {} },
      since: performance.now(),
      resolve: () => {},
      reject: error => this.#options.report(error),
      mayBeThere: true,
      isDisowned: false,
      recorded: undefined,
    })
  }
}

/** Lets the rest of what is recorded now come in. */
function gather(lingerMs: number): Promise<void> {
  return new Promise(resolve => {
    if (lingerMs > 0) setTimeout(resolve, lingerMs)
    else setImmediate(resolve)
  })
}

function transient(error: AnnalsError): RemoteError {
  return new RemoteError(error.code, error.message, { cause: error, transient: true })
}

function unexpected(cause: unknown): RemoteError {
  return new RemoteError('ANNALS_STORE', 'The event could not be sent.', { cause, transient: false })
}
