import { type Actor, AnnalsError } from '../model/index.ts'
import type { Act, ActContext, Progress } from './act.ts'
import { actNamed } from './acts.ts'

/** Names a request: the same when it is asked again. */
export interface ActAsked {
  readonly name: string
  /** Who asks, if that is known. */
  readonly actor?: Actor | undefined
}

/** Performs acts one after the other: two never work on a log at a time. */
export class ActRunner {
  readonly #context: (asked: ActAsked) => ActContext
  #running: Promise<unknown> = Promise.resolve()
  #closed = false

  /** @param context makes the context of a request */
  constructor(context: (asked: ActAsked) => ActContext) {
    this.#context = context
  }

  /**
   * Performs an act.
   *
   * @param asked the name of the request and who asks, or just its name
   * @throws AnnalsError ANNALS_INVALID for a request that is not one, ANNALS_CLOSED
   */
  perform<Request, Result>(
    act: Act<Request, Result>,
    request: Request,
    asked: string | ActAsked,
    progress: Progress = () => {},
  ): Promise<Result> {
    let checked: Request
    try {
      checked = act.check(request)
    } catch (error) {
      return Promise.reject(error)
    }
    const run = this.#running.then(async () => {
      if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
      return await act.perform(
        checked,
        this.#context(typeof asked === 'string' ? { name: asked } : asked),
        progress,
      )
    })
    this.#running = run.catch(() => {})
    return run
  }

  /** Does something between two acts that must not see the log halfway through one. */
  between(work: () => Promise<void>): Promise<void> {
    const run = this.#running.then(work)
    this.#running = run.catch(() => {})
    return run
  }

  /** Performs the act of a name, for a request that came as JSON. */
  async performNamed(act: string, request: unknown, name: string, progress?: Progress): Promise<unknown> {
    const known = actNamed(act)
    if (known === undefined) {
      throw new AnnalsError('ANNALS_UNSUPPORTED', `There is no act ${JSON.stringify(act)}.`, {
        hint: 'The process that holds the log may have another version of annals.',
      })
    }
    return await this.perform(known, request as never, name, progress)
  }

  /** Performs none any more; resolves when the one that is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }
}
