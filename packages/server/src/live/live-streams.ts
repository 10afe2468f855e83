import type { Credentials } from '../access/credentials.ts'
import type { Principal } from '../access/principal.ts'
import { HttpError } from '../http/problem.ts'
import type { EndReason } from './end-reason.ts'

/** Why a stream is ended that would go on. */
export type StopReason = EndReason & ('stopping' | 'expired' | 'revoked')

/** Milliseconds that one stream more adds to the rest of each: all together write at most 20,000 times a second. */
const REST_MS_EACH = 0.05
/** Longest rest, milliseconds: it is a part of the lag. */
const LONGEST_REST_MS = 50

/** What is open now and outlives a request: streams, subscriptions and sockets. Each has a place here for as long as it lives. */
export class LiveStreams {
  readonly #credentials: Pick<Credentials, 'watch'>
  readonly #most: number
  readonly #places = new Set<(reason: StopReason) => void>()
  #isStopping = false
  /** Called when the last place is left. */
  #onEmpty: (() => void) | undefined

  /** @param most places at a time, of all credentials */
  constructor(credentials: Pick<Credentials, 'watch'>, most: number) {
    this.#credentials = credentials
    this.#most = most
  }

  /** Places that are taken. */
  get open(): number {
    return this.#places.size
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  /**
   * How long a stream rests after a write, milliseconds. What comes meanwhile goes out in one write: with many streams, writing is
   * what costs.
   */
  get restMs(): number {
    return Math.min(this.#places.size * REST_MS_EACH, LONGEST_REST_MS)
  }

  /**
   * Takes a place; disposing leaves it. `onEnd` is called at most once, and never before this returns.
   *
   * @throws HttpError 429 when the credential has too many, 503 when the server has, or stops
   */
  enter(principal: Principal, onEnd: (reason: StopReason) => void): Disposable {
    if (this.#isStopping) throw unavailable('The server is stopping.')
    if (this.#places.size >= this.#most) throw unavailable('Too many live streams.')
    const end = (reason: StopReason): void => {
      if (this.#places.has(end)) onEnd(reason)
    }
    const watch = this.#credentials.watch(principal, end)
    this.#places.add(end)
    return {
      [Symbol.dispose]: () => {
        watch[Symbol.dispose]()
        if (this.#places.delete(end) && this.#places.size === 0) this.#onEmpty?.()
      },
    }
  }

  /** Ends everything, and takes nothing new. Resolves when the last is gone, or after so many milliseconds. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true
    if (this.#places.size === 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, patienceMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
      for (const end of [...this.#places]) end('stopping')
    })
  }
}

function unavailable(message: string): HttpError {
  return new HttpError(503, 'ANNALS_OVERLOADED', message, { hint: 'Try again later.' })
}
