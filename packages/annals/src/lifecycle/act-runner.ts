import { AnnalsError } from '../model/index.ts'
import type { Act, ActContext, Progress } from './act.ts'
import { actNamed } from './acts.ts'

/** Performs acts one after the other: two never work on a log at a time. */
export class ActRunner {
  readonly #context: (request: string) => ActContext
  #running: Promise<unknown> = Promise.resolve()
  #closed = false

  /** @param context makes the context of a request from its name */
  constructor(context: (request: string) => ActContext) {
    this.#context = context
  }

  /**
   * Performs an act.
   *
   * @param name of the request, the same when it is asked again
   * @throws AnnalsError ANNALS_INVALID for a request that is not one, ANNALS_CLOSED
   */
  perform<Request, Result>(
    act: Act<Request, Result>,
    request: Request,
    name: string,
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
      return await act.perform(checked, this.#context(name), progress)
    })
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
