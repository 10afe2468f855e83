import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Draft, Recorded, Refused } from 'annals'
import type { Context } from '../context.ts'
import { Failure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { openServer } from '../remote/open-server.ts'
import { placeOf } from '../remote/place.ts'
import { serverRecorder } from '../remote/server-recorder.ts'
import { OPERATION_TIMEOUT_MS } from './operation-timeout.ts'

/** Records drafts, in this process or through the process that holds the log. */
export interface Recorder {
  recordAll(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]>
}

/** A recorder that was opened here. */
export interface OwnRecorder extends Recorder {
  close(): Promise<void>
}

/** The two ways to a log, and how long to try them. */
export interface Ways {
  /** Takes the log for this process. @throws AnnalsError ANNALS_LOCKED naming the holder */
  open(): Promise<OwnRecorder>
  /** Asks the holder of the log. @throws AnnalsError ANNALS_LOCKED when it does not answer in time */
  submit(drafts: readonly Draft[], timeoutMs: number): Promise<readonly (Recorded | Refused)[]>
  /** Told when drafts begin to go through the holder. */
  readonly onShared: () => void
  /** How long both ways are tried in turn for one batch, in milliseconds. @defaultValue 10000 */
  readonly patienceMs?: number
}

const PATIENCE_MS = 10_000
// The holder looks into its inbox every 200 ms; when it has gone, nobody does until the log is opened again.
const ANSWER_MS = 1000
const ANSWER_MS_A_DRAFT = 2
// A holder that closes refuses at once: not to be asked in a tight loop.
const PAUSE_MS = 50

/** Opens the server or directory of the flags for recording, makes a missing directory, and closes it when the work ends. */
export async function withRecorder<T>(
  context: Context,
  work: (recorder: Recorder) => Promise<T>,
): Promise<T> {
  const { output, globals } = context
  const place = await placeOf(context)
  if (place.kind === 'server') {
    const server = await openServer(place, output)
    try {
      return await work(serverRecorder(server))
    } finally {
      await server.close()
    }
  }
  const { dir } = place
  const { verbose } = globals
  if (!existsSync(dir)) output.note(`note: ${dir} does not exist; it is made now`)
  const { openTrail, submit } = await import('annals')
  const recorder = new SharedRecorder({
    open: () =>
      openTrail({
        operationTimeoutMs: OPERATION_TIMEOUT_MS,
        dir,
        onNotice: notice => output.complain(`note: ${notice}`),
        onError: error => output.complain(`warning: ${error.message}`),
      }),
    submit: (drafts, timeoutMs) => submit({ dir, drafts, timeoutMs }),
    onShared: () => {
      if (verbose) output.note('note: another process holds the log; events go through its inbox')
    },
  })
  try {
    await recorder.open()
    return await work(recorder)
  } finally {
    await recorder.close()
  }
}

/**
 * Records in this process when the log is free, else through its holder. The holder may go at any time, and another come:
 * both ways are tried in turn. A draft that went through an inbox has an id, so that trying again records nothing twice.
 */
export class SharedRecorder implements OwnRecorder {
  readonly #ways: Ways
  #own: OwnRecorder | undefined
  #told = false

  constructor(ways: Ways) {
    this.#ways = ways
  }

  /** Takes the log if it is free; returns why not. */
  async open(): Promise<Error | undefined> {
    try {
      this.#own = await this.#ways.open()
      return undefined
    } catch (error) {
      if (isLocked(error)) return error
      throw error
    }
  }

  async recordAll(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]> {
    if (this.#own !== undefined) return await this.#own.recordAll(drafts)
    if (!this.#told) this.#ways.onShared()
    this.#told = true
    return await this.#share(drafts.map(withKey))
  }

  async close(): Promise<void> {
    await this.#own?.close()
  }

  async #share(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]> {
    const patience = this.#ways.patienceMs ?? PATIENCE_MS
    const until = performance.now() + patience
    for (;;) {
      const left = Math.max(1, Math.ceil(until - performance.now()))
      const answers = await this.#ask(drafts, Math.min(ANSWER_MS + drafts.length * ANSWER_MS_A_DRAFT, left))
      if (answers !== undefined) return answers
      const locked = await this.open()
      if (this.#own !== undefined) return await this.#own.recordAll(drafts)
      if (performance.now() >= until) throw unavailable(patience, locked)
      await delay(PAUSE_MS)
    }
  }

  /** The holder's answers; undefined when there are none, or when it closed the log meanwhile. */
  async #ask(
    drafts: readonly Draft[],
    timeoutMs: number,
  ): Promise<readonly (Recorded | Refused)[] | undefined> {
    try {
      const answers = await this.#ways.submit(drafts, timeoutMs)
      return answers.some(answer => 'error' in answer && answer.error.code === 'ANNALS_CLOSED')
        ? undefined
        : answers
    } catch (error) {
      if (isLocked(error)) return undefined
      throw error
    }
  }
}

function withKey(draft: Draft): Draft {
  return draft.id === undefined && draft.source === undefined ? { ...draft, id: crypto.randomUUID() } : draft
}

function isLocked(error: unknown): error is Error {
  return isCoded(error) && error.code === 'ANNALS_LOCKED'
}

function unavailable(patienceMs: number, cause: Error | undefined): Failure {
  return new Failure(cause?.message ?? 'another process holds the log', {
    exit: 7,
    code: 'ANNALS_LOCKED',
    why: `it holds the log, and answered no request for ${patienceMs / 1000} s`,
    hint: 'Wait for that process or stop it, then try again. If it was about to answer, it may still have recorded the events.',
    cause,
  })
}
