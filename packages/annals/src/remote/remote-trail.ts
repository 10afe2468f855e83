import type { Catalog } from '../catalog/index.ts'
import type { Act } from '../lifecycle/act.ts'
import { SEQUENCER_LIMITS, type SequencerLimits } from '../log/sequencer-limits.ts'
import { IdSequence } from '../log/uuid.ts'
import { AnnalsError, type Draft } from '../model/index.ts'
import type { Masker, Policy } from '../policy/index.ts'
import { type Ambient, AmbientScope } from '../record/ambient.ts'
import { Capturing } from '../record/capturing.ts'
import type { EventSource } from '../record/event-source.ts'
import { type Converters, Listeners, type Listening, type ListenOptions } from '../record/listening.ts'
import { Losses } from '../record/losses.ts'
import { beginOperation, wrapOperation } from '../record/operation.ts'
import type { Operation, Recorded, Refused } from '../record/recorded.ts'
import type { Spool } from '../record/spool/spool.ts'
import { Spooling } from '../record/spool/spooling.ts'
import { isUnavailable } from '../record/unavailable.ts'
import { within } from '../record/within.ts'
import type { PerformOptions, Trail } from '../trail/trail.ts'
import type { HttpClient } from './http-client.ts'
import { Outbox } from './outbox.ts'
import { closed } from './outbox-refusals.ts'
import { performRemotely } from './perform-remotely.ts'
import { Preparation, type Prepared } from './prepare.ts'
import { RemoteProofs } from './proofs.ts'
import { RemoteReader } from './reading/remote-reader.ts'
import { recordEverything } from './record-everything.ts'
import { dropped, RemoteError } from './remote-error.ts'
import { Sender } from './sender.ts'

/** What a remote trail is made of. */
export interface RemoteTrailParts {
  readonly client: HttpClient
  readonly catalog: Catalog | undefined
  /** What is recorded, and what masks it. */
  readonly capture: { readonly policy: Policy; readonly masker: Masker } | undefined
  readonly spool: Spool | undefined
  readonly waiting: Partial<SequencerLimits> | undefined
  readonly lingerMs: number
  readonly report: (error: Error) => void
}

/** A trail that a server keeps. */
export class RemoteTrail extends RemoteReader implements Trail {
  readonly capture: Policy | undefined
  readonly #capturing: Capturing<Prepared>
  readonly #outbox: Outbox
  readonly #spooling: Spooling | undefined
  readonly #losses: Losses
  readonly #proofs: RemoteProofs
  readonly #limits: SequencerLimits
  readonly #report: (error: Error) => void
  readonly #ambient = new AmbientScope()
  readonly #ids = new IdSequence()
  readonly #listeners: Listeners
  #closing: Promise<void> | undefined

  constructor({ client, catalog, capture, spool, waiting, lingerMs, report }: RemoteTrailParts) {
    super(client, catalog)
    this.capture = capture?.policy
    this.#limits = { ...SEQUENCER_LIMITS, ...waiting }
    this.#report = report
    this.#listeners = new Listeners(drafts => this.recordAll(drafts), report)
    this.#proofs = new RemoteProofs(client)
    const sender = new Sender(client, this.#limits.patienceMs)
    const outbox = new Outbox(sender, { limits: this.#limits, lingerMs, report })
    this.#outbox = outbox
    // Nobody but the log itself can write a gap: who dropped is told.
    this.#losses = new Losses(
      async lost => report(dropped(lost)),
      () => outbox.settled(),
      Date.now,
    )
    const ports = { isUnavailable: isAway, report }
    const { patienceMs } = this.#limits
    this.#spooling =
      spool === undefined ? undefined : new Spooling({ ...ports, spool, carrier: sender, patienceMs })
    this.#capturing = new Capturing(
      capture?.policy ?? recordEverything(spool === undefined ? 'refuse' : 'spool'),
      capture?.masker ?? { mask: event => event },
      {
        ...ports,
        intake: new Preparation(catalog),
        hand: (prepared, terms) => outbox.hand(prepared, terms),
        prove: level => this.#proofs.reach(level),
        losses: this.#losses,
        spooling: this.#spooling,
        patienceMs,
      },
    )
    this.#spooling?.begin()
  }

  /** Bytes of the events that wait in the spool of this machine. */
  get spooledBytes(): number {
    return this.#spooling?.bytes ?? 0
  }

  record(action: string, draft: Omit<Draft, 'action'> = {}): Promise<Recorded> {
    requireDraft(draft)
    return this.#submit(this.#ambient.apply({ ...draft, action }))
  }

  recordAll(drafts: readonly Draft[]): Promise<(Recorded | Refused)[]> {
    if (!Array.isArray(drafts)) throw new TypeError('recordAll takes an array of drafts')
    if (this.#closing !== undefined) return Promise.resolve(drafts.map(() => ({ error: closed() })))
    return this.#capturing.recordAll(drafts, draft => this.#ambient.apply(draft))
  }

  begin(action: string, draft: Omit<Draft, 'action'> = {}): Promise<Operation> {
    requireDraft(draft)
    const ids = this.#capturing.spools ? this.#ids : undefined
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

  listen(source: EventSource, converters: Converters, options?: ListenOptions): Listening {
    return this.#listeners.listen(source, converters, options)
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
    const patience = this.#limits.patienceMs * 1.2
    await Promise.all([this.#settled(patience), this.#spooling?.emptied(patience)])
    await this.#proofs.reach(level)
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #submit(draft: Draft): Promise<Recorded> {
    return this.#closing === undefined ? this.#capturing.record(draft) : Promise.reject(closed())
  }

  /** @throws AnnalsError ANNALS_TIMEOUT when something has no answer by then */
  async #settled(patienceMs: number): Promise<void> {
    const late = (): AnnalsError =>
      new AnnalsError('ANNALS_TIMEOUT', 'The server has not answered for all events.', {
        hint: 'Check the server, and compare its log with the source of the events.',
      })
    await within(this.#outbox.settled(), patienceMs, late)
  }

  async #close(): Promise<void> {
    // Nothing is heard any more; what was waits with the rest.
    const heard = this.#listeners.close()
    try {
      const answered = this.#settled(this.#limits.patienceMs)
      // With a spool nothing is lost by not waiting: a later run sends it.
      await (this.#spooling === undefined ? answered : answered.catch(() => {}))
    } finally {
      this.#spooling?.takeOver()
      this.#outbox.close()
      const paused = this.#spooling?.pause()
      // Ends what is under way.
      await super.close()
      await paused
      await this.#outbox.settled()
      await this.#losses.close()
      await this.#spooling?.close()
      await heard
    }
  }
}

/** Whether the server cannot be reached, or cannot record now: nothing is wrong with the event. */
function isAway(error: AnnalsError): boolean {
  return error instanceof RemoteError || isUnavailable(error)
}

function requireDraft(draft: unknown): void {
  if (typeof draft !== 'object' || draft === null || Array.isArray(draft))
    throw new TypeError('a draft is an object')
}
