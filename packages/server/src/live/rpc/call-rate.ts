import { HttpError } from '../../http/problem.ts'

const MINUTE_MS = 60_000

/** Bounds the calls of a credential over all of its sockets, as requests are bounded. */
export class CallRate {
  readonly #most: number
  readonly #now: () => number
  readonly #calls = new Map<string, number>()
  #since = 0

  /** @param most calls a minute */
  constructor(most: number, now: () => number = Date.now) {
    this.#most = most
    this.#now = now
  }

  /** Counts a call. @throws HttpError 429 when it is one too many */
  take(credential: string): void {
    const now = this.#now()
    if (now - this.#since >= MINUTE_MS || now < this.#since) {
      this.#calls.clear()
      this.#since = now
    }
    const calls = (this.#calls.get(credential) ?? 0) + 1
    if (calls > this.#most) {
      const seconds = Math.ceil((this.#since + MINUTE_MS - now) / 1_000)
      throw new HttpError(429, 'ANNALS_RATE_LIMITED', 'Too many calls.', {
        hint: `Try again in ${seconds} seconds.`,
      })
    }
    this.#calls.set(credential, calls)
  }
}
