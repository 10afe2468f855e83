import { randomUUID } from 'node:crypto'
import { parseCheckpoint, parseNote } from '@annals/tlog'
import type { Act } from '../lifecycle/act.ts'
import type { ActRunner } from '../lifecycle/act-runner.ts'
import type { Checkpointer } from '../log/checkpointer.ts'
import type { Sequencer } from '../log/sequencer.ts'
import type { Store } from '../log/store.ts'
import type { Meter } from '../measure/index.ts'
import { AnnalsError, type Draft } from '../model/index.ts'
import type { Policy } from '../policy/index.ts'
import type { Scope } from '../query/index.ts'
import type { Ambient } from '../record/ambient.ts'
import type { EventSource } from '../record/event-source.ts'
import type { Converters, Listeners, Listening, ListenOptions } from '../record/listening.ts'
import type { Operation, Recorded, Refused } from '../record/recorded.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Spooling } from '../record/spool/spooling.ts'
import type { VerifyOptions, VerifyReport } from '../verify/report.ts'
import { KEEPER_ACTIONS, type KeeperAction, type LocalReader, type LocalTrail } from './local-trail.ts'
import { metricsWithin } from './metric-scope.ts'
import { type ConsistencyProof, proveGrowth } from './prove-growth.ts'
import type { ReadSide } from './read-side.ts'
import { ReadingHalf } from './reading-half.ts'
import { makeReceipt, secretsOf } from './receipt.ts'
import { RestrictedReader } from './restricted-reader.ts'
import type { Sweeper } from './sweeper.ts'
import { tileAt } from './tile-at.ts'
import type { PerformOptions, ReceiptOptions } from './trail.ts'
import { statusOf, type TrailStatus } from './trail-status.ts'
import { verifyStore } from './verify-store.ts'

/** The trail that one process writes. */
export class RecordingTrail extends ReadingHalf implements LocalTrail {
  readonly capture: Policy | undefined
  readonly #store: Store
  readonly #sequencer: Sequencer
  readonly #checkpointer: Checkpointer
  readonly #recorder: Recorder
  readonly #acts: ActRunner
  readonly #meter: Meter
  readonly #sweeper: Sweeper
  readonly #listeners: Listeners
  readonly #endCapture: (() => Promise<void>) | undefined
  readonly #spooling: Spooling | undefined
  readonly #patienceMs: number
  readonly #notify: (notice: string) => void
  readonly #farewell: () => Promise<void>
  #closing: Promise<void> | undefined

  constructor(parts: {
    readonly capture: Policy | undefined
    readonly store: Store
    readonly sequencer: Sequencer
    readonly checkpointer: Checkpointer
    readonly recorder: Recorder
    readonly acts: ActRunner
    readonly readSide: ReadSide
    readonly meter: Meter
    readonly sweeper: Sweeper
    readonly listeners: Listeners
    /** Says in the log what a policy has let drop. */
    readonly endCapture: (() => Promise<void>) | undefined
    readonly spooling: Spooling | undefined
    /** How long closing waits for the spool to be emptied, ms. */
    readonly patienceMs: number
    readonly notify: (notice: string) => void
    /** Says in the log that this recorder ends. */
    readonly farewell: () => Promise<void>
  }) {
    super(parts.readSide, parts.meter.reader())
    this.#meter = parts.meter
    this.#sweeper = parts.sweeper
    this.capture = parts.capture
    this.#store = parts.store
    this.#sequencer = parts.sequencer
    this.#checkpointer = parts.checkpointer
    this.#recorder = parts.recorder
    this.#acts = parts.acts
    this.#listeners = parts.listeners
    this.#endCapture = parts.endCapture
    this.#spooling = parts.spooling
    this.#patienceMs = parts.patienceMs
    this.#notify = parts.notify
    this.#farewell = parts.farewell
  }

  record(action: string, draft?: Omit<Draft, 'action'>): Promise<Recorded> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#recorder.record(action, draft)
  }

  recordAll(drafts: readonly Draft[]): Promise<(Recorded | Refused)[]> {
    if (this.#closing !== undefined) return Promise.resolve(drafts.map(() => ({ error: closed() })))
    return this.#recorder.recordAll(drafts)
  }

  begin(action: string, draft?: Omit<Draft, 'action'>): Promise<Operation> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#recorder.begin(action, draft)
  }

  wrap<R>(
    action: string,
    draft: Omit<Draft, 'action'>,
    work: (operation: Operation) => R | Promise<R>,
  ): Promise<R> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#recorder.wrap(action, draft, work)
  }

  within<R>(ambient: Ambient, work: () => R): R {
    return this.#recorder.within(ambient, work)
  }

  listen(source: EventSource, converters: Converters, options?: ListenOptions): Listening {
    return this.#listeners.listen(source, converters, options)
  }

  perform<Request, Result>(
    act: Act<Request, Result>,
    request: Request,
    { actor, onProgress }: PerformOptions = {},
  ): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#acts.perform(act, request, { name: randomUUID(), actor }, onProgress)
  }

  get listeners(): number {
    return this.readSide.listeners
  }

  get spooledBytes(): number {
    return this.#spooling?.bytes ?? 0
  }

  restrict(scope: Scope): LocalReader {
    const readSide = this.readSide.restrict(scope)
    return new RestrictedReader(readSide, metricsWithin(this.#meter, scope, readSide.types), this)
  }

  recordKeeping(action: KeeperAction, draft: Omit<Draft, 'action'>): Promise<Recorded> {
    if (!KEEPER_ACTIONS.includes(action))
      throw new TypeError(`recordKeeping: '${String(action)}' is none of ${KEEPER_ACTIONS.join(', ')}`)
    if (this.#closing !== undefined) return Promise.reject(closed())
    try {
      return this.#recorder.recordOwn({ ...draft, action })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async receipt(at: string | number, options?: ReceiptOptions): Promise<string> {
    const index = await this.readSide.positionOf(at)
    if (index >= this.#checkpointer.size) await this.#checkpointer.publish()
    const source = {
      read: this.#store.log.read.bind(this.#store.log),
      hashes: this.#store.log.hashes.bind(this.#store.log),
      secrets: async () => secretsOf(this.#store),
    }
    return await makeReceipt(source, index, this.#checkpointer.latest as Uint8Array, options)
  }

  async checkpoint(): Promise<Uint8Array | undefined> {
    return this.#checkpointer.latest
  }

  async tile(path: string): Promise<Uint8Array> {
    this.#requireOpen()
    return await tileAt(this.#store.log, signedSize(this.#checkpointer.latest), path)
  }

  async consistency(from: number, to?: number): Promise<ConsistencyProof> {
    this.#requireOpen()
    return await proveGrowth(this.#store.log, this.#checkpointer.latest, from, to)
  }

  async status(): Promise<TrailStatus> {
    this.#requireOpen()
    return await statusOf({
      store: this.#store,
      sequencer: this.#sequencer,
      checkpointer: this.#checkpointer,
      size: this.size,
    })
  }

  async verify(options?: VerifyOptions): Promise<VerifyReport> {
    await this.flush()
    return await verifyStore(this.#store.dir, options)
  }

  async flush(options: { readonly level?: 'proved' | 'witnessed' } = {}): Promise<void> {
    await this.#sequencer.settled()
    await this.#spooling?.emptied(this.#patienceMs)
    await (options.level === 'witnessed' ? this.#checkpointer.witnessed() : this.#checkpointer.publish())
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closed()
  }

  async #tellSpooled(): Promise<void> {
    const bytes = this.spooledBytes
    if (bytes > 0)
      this.#notify(
        `${bytes} bytes of events are in the spool; they are recorded when the trail is opened again with it.`,
      )
  }

  /** Every step is taken, whatever becomes of the others; the first failure is thrown. */
  async #close(): Promise<void> {
    const failures: unknown[] = []
    const attempt = async (step: () => Promise<unknown> | undefined): Promise<void> => {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    await attempt(() => this.#listeners.close())
    await attempt(() => this.#store.inbox?.close())
    await attempt(() => this.#sweeper.close())
    await attempt(() => this.#acts.close())
    // A store that is dead leaves it for the next run, which is no failure of this one.
    await this.#spooling?.emptied(this.#patienceMs).catch(() => {})
    await attempt(() => this.#spooling?.pause())
    await attempt(() => this.#endCapture?.())
    this.#recorder.close()
    // Both begin at once, so that nothing follows the farewell.
    const farewell = attempt(this.#farewell)
    await attempt(() => this.#sequencer.close())
    await farewell
    await attempt(() => this.#sweeper.remember())
    await attempt(() => this.#spooling?.close())
    await attempt(() => this.#tellSpooled())
    this.readSide.close()
    await attempt(() => this.#meter.close())
    await attempt(() => this.#checkpointer.close())
    await attempt(() => this.#store.close())
    if (failures.length > 0) throw failures[0]
  }
}

/** Entries that a checkpoint covers; none without one. */
function signedSize(checkpoint: Uint8Array | undefined): number {
  return checkpoint === undefined ? 0 : parseCheckpoint(parseNote(checkpoint).text).size
}

function closed(): AnnalsError {
  return new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again to record.' })
}
