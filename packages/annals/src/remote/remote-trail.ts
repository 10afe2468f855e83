import type { Catalog } from '../catalog/index.ts'
import type { Act } from '../lifecycle/act.ts'
import { SEQUENCER_LIMITS, type SequencerLimits } from '../log/sequencer-limits.ts'
import { IdSequence } from '../log/uuid.ts'
import { AnnalsError, type Draft } from '../model/index.ts'
import { type Ambient, AmbientScope } from '../record/ambient.ts'
import { beginOperation, wrapOperation } from '../record/operation.ts'
import type { Operation, Recorded, Refused } from '../record/recorded.ts'
import { Shipper } from '../record/spool/shipper.ts'
import type { Spool } from '../record/spool/spool.ts'
import type { PerformOptions, Trail } from '../trail/trail.ts'
import type { HttpClient } from './http-client.ts'
import { closed, Outbox, type Outgoing } from './outbox.ts'
import { performRemotely } from './perform-remotely.ts'
import { Preparation, type Prepared } from './prepare.ts'
import { RemoteReader } from './reading/remote-reader.ts'
import type { RemoteError } from './remote-error.ts'
import { Sender } from './sender.ts'

/** What a remote trail is made of. */
export interface RemoteTrailParts {
  readonly client: HttpClient
  readonly catalog: Catalog | undefined
  readonly spool: Spool | undefined
  readonly waiting: Partial<SequencerLimits> | undefined
  readonly lingerMs: number
  readonly report: (error: Error) => void
}

/** A trail that a server keeps. */
export class RemoteTrail extends RemoteReader implements Trail {
  readonly capture = undefined
  readonly #preparation: Preparation
  readonly #outbox: Outbox
  readonly #spool: Spool | undefined
  readonly #shipper: Shipper | undefined
  readonly #limits: SequencerLimits
  readonly #report: (error: Error) => void
  readonly #ambient = new AmbientScope()
  readonly #ids = new IdSequence()
  #closing: Promise<void> | undefined

  constructor({ client, catalog, spool, waiting, lingerMs, report }: RemoteTrailParts) {
    super(client, catalog)
    this.#preparation = new Preparation(catalog)
    this.#limits = { ...SEQUENCER_LIMITS, ...waiting }
    this.#report = report
    this.#spool = spool
    const sender = new Sender(client, this.#limits.patienceMs)
    this.#outbox = new Outbox(sender, {
      limits: this.#limits,
      lingerMs,
      onUnavailable: spool === undefined ? undefined : (waiting, error) => this.#unavailable(waiting, error),
      report,
    })
    this.#shipper = spool === undefined ? undefined : new Shipper(spool, sender, report)
    if (spool?.isEmpty === false) this.#shipper?.start()
  }

  /** Bytes of the events that wait in the spool of this machine. */
  get spooledBytes(): number {
    return this.#spool?.bytes ?? 0
  }

  record(action: string, draft: Omit<Draft, 'action'> = {}): Promise<Recorded> {
    requireDraft(draft)
    return this.#submit(this.#ambient.apply({ ...draft, action }))
  }

  recordAll(drafts: readonly Draft[]): Promise<(Recorded | Refused)[]> {
    if (!Array.isArray(drafts)) throw new TypeError('recordAll takes an array of drafts')
    let before: Promise<unknown> | undefined
    const answers = drafts.map((draft): Promise<Recorded | Refused> => {
      const prepared = this.#prepare(this.#ambient.apply(draft))
      // One asynchronous schema makes the rest wait, so that the order of the call stays the order of the log.
      if (before === undefined && !(prepared instanceof Promise)) return this.#sendAll(prepared)
      const sent = Promise.all([prepared, before]).then(([one]) => ({ answer: this.#sendAll(one) }))
      before = sent
      return sent.then(({ answer }) => answer)
    })
    return Promise.all(answers)
  }

  begin(action: string, draft: Omit<Draft, 'action'> = {}): Promise<Operation> {
    requireDraft(draft)
    const ids = this.#spool === undefined ? undefined : this.#ids
    return beginOperation(whole => this.#submit(whole), this.#ambient.apply({ ...draft, action }), ids)
  }

  async wrap<R>(
    action: string,
    draft: Omit<Draft, 'action'>,
    work: (operation: Operation) => R | Promise<R>,
  ): Promise<R> {
    return await wrapOperation(this.begin(action, draft), work, this.#report)
  }

  within<R>(ambient: Ambient, work: () => R): R {
    return this.#ambient.run(ambient, work)
  }

  async perform<Request, Result>(
    act: Act<Request, Result>,
    request: Request,
    options: PerformOptions = {},
  ): Promise<Result> {
    act.check(request)
    if (options.actor !== undefined) {
      throw new AnnalsError('ANNALS_UNSUPPORTED', 'Over a server, an act is done in the name of the token.', {
        hint: 'Use a token of whoever asks.',
      })
    }
    return await performRemotely(this.client, act.name, request, options.onProgress)
  }

  async flush({ level = 'proved' }: { readonly level?: 'proved' | 'witnessed' } = {}): Promise<void> {
    const answered = Promise.all([this.#outbox.settled(), this.#shipper?.settled()])
    await this.#within(this.#limits.patienceMs * 1.2, answered)
    await this.client.askPatiently(
      {
        path: '/v1/events',
        method: 'POST',
        query: { await: level },
        headers: { 'Content-Type': 'application/json' },
        body: '[]',
      },
      answer => answer.text(),
    )
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #submit(draft: Draft): Promise<Recorded> {
    const prepared = this.#prepare(draft)
    if (prepared instanceof AnnalsError) return Promise.reject(prepared)
    if (!(prepared instanceof Promise)) return this.#send(prepared)
    return prepared.then(one => {
      if (one instanceof AnnalsError) throw one
      return this.#send(one)
    })
  }

  #prepare(draft: Draft): Prepared | AnnalsError | Promise<Prepared | AnnalsError> {
    try {
      const prepared = this.#preparation.prepare(draft)
      return prepared instanceof Promise ? prepared.catch(toAnnalsError) : prepared
    } catch (error) {
      return toAnnalsError(error)
    }
  }

  #sendAll(prepared: Prepared | AnnalsError): Promise<Recorded | Refused> {
    if (prepared instanceof AnnalsError) return Promise.resolve({ error: prepared })
    return this.#send(prepared).catch((error: AnnalsError) => ({ error }))
  }

  #send(prepared: Prepared): Promise<Recorded> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    // Behind what is spooled, so that order holds.
    if (this.#shipper?.isRunning === true) return this.#spoolOne(prepared)
    return this.#outbox.add(prepared)
  }

  async #spoolOne(prepared: Prepared): Promise<Recorded> {
    const durable = this.#spool?.add(prepared)
    this.#shipper?.start()
    await durable
    return { id: prepared.key, index: -1, level: 'queued', spooled: true }
  }

  /** The server does not answer: what waited for it is spooled, and so is what comes until it does. */
  #unavailable(waiting: readonly Outgoing[], error: RemoteError): void {
    this.#report(error)
    for (const { prepared, resolve, reject } of waiting) this.#spoolOne(prepared).then(resolve, reject)
  }

  /** @throws AnnalsError ANNALS_TIMEOUT when something has no answer by then */
  async #within(patienceMs: number, answered: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>(resolve => {
      timer = setTimeout(() => resolve('late'), patienceMs)
    })
    const first = await Promise.race([answered, late])
    clearTimeout(timer)
    if (first !== 'late') return
    throw new AnnalsError('ANNALS_TIMEOUT', 'The server has not answered for all events.', {
      hint:
        this.#spool === undefined
          ? 'Check the server, and compare its log with the source of the events.'
          : 'They are durable in the spool of this machine, and are sent when the server answers.',
    })
  }

  async #close(): Promise<void> {
    try {
      const answered = this.#within(this.#limits.patienceMs, this.#outbox.settled())
      // With a spool nothing is lost by not waiting: a later run sends it.
      await (this.#spool === undefined ? answered : answered.catch(() => {}))
    } finally {
      if (this.#spool === undefined) this.#outbox.close()
      const shipped = this.#shipper?.close()
      // Ends what is under way; with a spool, what waited for it goes there.
      await super.close()
      if (this.#spool !== undefined) await this.#outbox.settled()
      this.#outbox.close()
      await shipped
      await this.#spool?.close()
    }
  }
}

function requireDraft(draft: unknown): void {
  if (typeof draft !== 'object' || draft === null || Array.isArray(draft))
    throw new TypeError('a draft is an object')
}

function toAnnalsError(error: unknown): AnnalsError {
  if (error instanceof AnnalsError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new AnnalsError('ANNALS_INVALID', `The draft cannot be read: ${why}`, { cause: error })
}
