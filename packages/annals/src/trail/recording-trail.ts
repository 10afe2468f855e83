import { randomUUID } from 'node:crypto'
import type { Act, Progress } from '../lifecycle/act.ts'
import type { ActRunner } from '../lifecycle/act-runner.ts'
import type { Checkpointer } from '../log/checkpointer.ts'
import type { Sequencer } from '../log/sequencer.ts'
import type { Store } from '../log/store.ts'
import { AnnalsError, type Draft } from '../model/index.ts'
import type { Ambient } from '../record/ambient.ts'
import type { Operation, Recorded, Refused } from '../record/recorded.ts'
import type { Recorder } from '../record/recorder.ts'
import type { VerifyOptions, VerifyReport } from '../verify/report.ts'
import type { ReadSide } from './read-side.ts'
import { ReadingHalf } from './reading-half.ts'
import { makeReceipt, secretsOf } from './receipt.ts'
import type { ReceiptOptions, Trail } from './trail.ts'
import { verifyStore } from './verify-store.ts'

/** The trail that one process writes. */
export class RecordingTrail extends ReadingHalf implements Trail {
  readonly #store: Store
  readonly #sequencer: Sequencer
  readonly #checkpointer: Checkpointer
  readonly #recorder: Recorder
  readonly #acts: ActRunner
  readonly #farewell: () => Promise<void>
  #closing: Promise<void> | undefined

  constructor(parts: {
    readonly store: Store
    readonly sequencer: Sequencer
    readonly checkpointer: Checkpointer
    readonly recorder: Recorder
    readonly acts: ActRunner
    readonly readSide: ReadSide
    /** Says in the log that this recorder ends. */
    readonly farewell: () => Promise<void>
  }) {
    super(parts.readSide)
    this.#store = parts.store
    this.#sequencer = parts.sequencer
    this.#checkpointer = parts.checkpointer
    this.#recorder = parts.recorder
    this.#acts = parts.acts
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

  perform<Request, Result>(
    act: Act<Request, Result>,
    request: Request,
    options: { readonly onProgress?: Progress | undefined } = {},
  ): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return this.#acts.perform(act, request, randomUUID(), options.onProgress)
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

  async verify(options?: VerifyOptions): Promise<VerifyReport> {
    await this.flush()
    return await verifyStore(this.#store.dir, options)
  }

  async flush(options: { readonly level?: 'proved' | 'witnessed' } = {}): Promise<void> {
    await this.#sequencer.settled()
    await (options.level === 'witnessed' ? this.#checkpointer.witnessed() : this.#checkpointer.publish())
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
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
    await attempt(() => this.#store.inbox?.close())
    await attempt(() => this.#acts.close())
    // Both begin at once, so that nothing follows the farewell.
    const farewell = attempt(this.#farewell)
    await attempt(() => this.#sequencer.close())
    await farewell
    this.readSide.close()
    await attempt(() => this.#checkpointer.close())
    await attempt(() => this.#store.close())
    if (failures.length > 0) throw failures[0]
  }
}

function closed(): AnnalsError {
  return new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again to record.' })
}
