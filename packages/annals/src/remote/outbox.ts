import { overloaded, type SequencerLimits } from '../log/sequencer-limits.ts'
import { AnnalsError, type Draft, type ErrorCode } from '../model/index.ts'
import { backoffMs, pause } from '../record/backoff.ts'
import type { Recorded } from '../record/recorded.ts'
import type { Prepared } from './prepare.ts'
import { isTransient, RemoteError } from './remote-error.ts'
import type { Sender, SentResult } from './sender.ts'

/** Most events, and about as many bytes, of one request. */
const BATCH_EVENTS = 1_000
const BATCH_BYTES = 1024 * 1024

/** An event on its way. */
export interface Outgoing {
  readonly prepared: Prepared
  /** Milliseconds of the monotonic clock. */
  readonly since: number
  resolve(recorded: Recorded): void
  reject(error: AnnalsError): void
  /** It was in a request whose answer did not come: the server may have recorded it. */
  mayBeThere: boolean
  /** Its caller was told ANNALS_TIMEOUT. */
  isDisowned: boolean
}

/** What an outbox works with. */
export interface OutboxOptions {
  readonly limits: SequencerLimits
  /** Milliseconds in which further events are gathered before a request goes out. */
  readonly lingerMs: number
  /** Takes over everything that waits when the server does not answer; absent, it is tried again until its time is up. */
  readonly onUnavailable: ((waiting: readonly Outgoing[], error: RemoteError) => void) | undefined
  /** Told of failures that no caller waits for. */
  readonly report: (error: Error) => void
}

/**
 * Sends events in the order in which they came, in batches, one request at a time: what comes while one is under way is the next
 * batch. Nothing waits for longer than its bound, and no more waits than the bound: beyond it is ANNALS_OVERLOADED.
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
  readonly #closed = new AbortController()
  #idle: (() => void)[] = []

  constructor(sender: Sender, options: OutboxOptions) {
    this.#sender = sender
    this.#options = options
  }

  /** Takes an event over; settles once. */
  add(prepared: Prepared): Promise<Recorded> {
    const { outstanding, outstandingBytes, patienceMs } = this.#options.limits
    if (this.#closed.signal.aborted) return Promise.reject(closed())
    if (this.#count >= outstanding || this.#bytes >= outstandingBytes)
      return Promise.reject(overloaded(this.#count))
    if (this.#options.onUnavailable === undefined)
      this.#timer ??= setInterval(() => this.#expire(), Math.max(10, patienceMs / 20)).unref()
    return new Promise((resolve, reject) => {
      this.#add({ prepared, since: performance.now(), resolve, reject, mayBeThere: false, isDisowned: false })
    })
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
    if (error.transient || this.#options.onUnavailable !== undefined) this.#retry(batch, error)
    else for (const one of batch) this.#reject(one, error)
    return error
  }

  #retry(batch: readonly Outgoing[], error: RemoteError): void {
    if (this.#closed.signal.aborted) {
      for (const one of batch) this.#reject(one, closed())
      return
    }
    this.#waiting.unshift(...batch)
    if (this.#options.onUnavailable === undefined) {
      this.#expire()
      return
    }
    const all = this.#waiting.splice(0)
    for (const one of all) this.#forget(one)
    this.#options.onUnavailable(all, error)
  }

  /** Answers those who have waited too long. What the server may have can only be disowned; the rest is withdrawn. */
  #expire(): void {
    if (this.#count === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const { patienceMs } = this.#options.limits
    const due = performance.now() - patienceMs
    const kept: Outgoing[] = []
    for (const one of this.#waiting) {
      if (one.since >= due) kept.push(one)
      else if (one.mayBeThere) {
        this.#disown(one)
        kept.push(one)
      } else this.#reject(one, timedOut(patienceMs, 'withdrawn'))
    }
    this.#waiting = kept
    for (const one of this.#sending) if (one.since < due) this.#disown(one)
  }

  #disown(one: Outgoing): void {
    if (one.isDisowned) return
    one.isDisowned = true
    this.#disowned += 1
    one.reject(timedOut(this.#options.limits.patienceMs, 'disowned'))
    this.#tellIdle()
  }

  #resolve(one: Outgoing, recorded: Recorded): void {
    // Before it is forgotten: whoever waits for everything waits for its denial, too.
    if (one.isDisowned) this.#deny(one, recorded)
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
  #deny(one: Outgoing, { id, level }: Recorded): void {
    const denial = denialOf(one.prepared, id)
    if (denial === undefined || level === 'queued') return
    this.#add({
      prepared: denial,
      since: performance.now(),
      resolve: () => {},
      reject: error => this.#options.report(error),
      mayBeThere: true,
      isDisowned: false,
    })
  }
}

/** The outcome of an event whose caller had stopped waiting; undefined for an outcome, which tells of an action that has happened. */
function denialOf({ line, key }: Prepared, id: string): Prepared | undefined {
  const { action, phase, operation, actor, targets, tenant, project, visibility, retention } = JSON.parse(
    line,
  ) as Draft
  if (phase === 'outcome') return undefined
  const denialKey = `${key.slice(0, 400)}/not-awaited`
  const denial: Draft = {
    action,
    phase: 'outcome',
    operation: operation ?? id,
    id: denialKey,
    outcome: {
      result: 'denied',
      code: 'ANNALS_NOT_AWAITED' satisfies ErrorCode,
      message: 'The caller had stopped waiting when the event became durable.',
    },
    occurredAt: new Date().toISOString(),
    actor,
    targets,
    tenant,
    project,
    visibility,
    retention,
  }
  const text = JSON.stringify(denial)
  return { line: text, key: denialKey, bytes: Buffer.byteLength(text), timeless: false }
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

function timedOut(patienceMs: number, fate: 'withdrawn' | 'disowned'): AnnalsError {
  const then =
    fate === 'withdrawn'
      ? 'The event was withdrawn.'
      : 'If the server has it, an outcome "denied" with code ANNALS_NOT_AWAITED follows it.'
  return new AnnalsError('ANNALS_TIMEOUT', `The server did not answer within ${patienceMs} ms. ${then}`, {
    hint: 'The action must not happen. Check the server, then try again.',
  })
}

/** The refusal of a trail that is closed. */
export function closed(): AnnalsError {
  return new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again.' })
}
