import { HttpError } from '../http/problem.ts'
import type { Principal } from './principal.ts'

/** Why a credential ended. */
export type EndReason = 'expired' | 'revoked'

/** Tells whether what a principal asks with has lost its rights, apart from its expiry. */
export interface Revocations {
  isRevoked(principal: Principal): boolean
  /** Calls the listener after something was revoked. */
  onRevoke(listener: () => void): void
}

/** Longest wait that a timer of Node.js takes, milliseconds. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

interface Watch {
  readonly principal: Principal
  end(reason: EndReason): void
}

/**
 * Ends what outlives a request. A request is checked once; a live stream goes on for hours, and must stop when the credential
 * that it was opened with expires, is revoked, or was made with one that is. Every stream and every socket therefore asks here.
 *
 * @example
 * ```ts
 * using watch = credentials.watch(principal, reason => stream.end(reason)) // 429 beyond the limit of streams
 * ```
 */
export class Credentials {
  readonly #sources: readonly Revocations[]
  readonly #streams: number
  readonly #now: () => number
  readonly #watches = new Set<Watch>()
  readonly #counts = new Map<string, number>()

  /** @param streams most watches at a time for one credential */
  constructor(sources: readonly Revocations[], streams: number, now: () => number = Date.now) {
    this.#sources = sources
    this.#streams = streams
    this.#now = now
    for (const source of sources) source.onRevoke(() => this.#recheck())
  }

  /** Watches that are open. */
  get open(): number {
    return this.#watches.size
  }

  /**
   * Calls `onEnd` once, never before this returns, when the credential ends; at once when it has ended since it was checked.
   * Disposing ends the watch.
   *
   * @throws HttpError 429 when the credential has as many watches as one may have
   */
  watch(principal: Principal, onEnd: (reason: EndReason) => void): Disposable {
    const { credential, expiresAt } = principal
    const count = this.#counts.get(credential) ?? 0
    if (count >= this.#streams) {
      throw new HttpError(429, 'ANNALS_RATE_LIMITED', 'Too many live streams with one credential.', {
        hint: `End some: ${this.#streams} may be open.`,
      })
    }
    this.#counts.set(credential, count + 1)
    let timer: NodeJS.Timeout | undefined
    const dispose = (): void => {
      clearTimeout(timer)
      if (!this.#watches.delete(watch)) return
      const left = (this.#counts.get(credential) ?? 1) - 1
      if (left === 0) this.#counts.delete(credential)
      else this.#counts.set(credential, left)
    }
    const watch: Watch = {
      principal,
      end(reason) {
        dispose()
        onEnd(reason)
      },
    }
    this.#watches.add(watch)
    const wait = (): void => {
      const left = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - this.#now()
      if (left <= 0) watch.end('expired')
      else if (left < Number.POSITIVE_INFINITY)
        timer = setTimeout(wait, Math.min(left, LONGEST_WAIT_MS)).unref()
    }
    timer = setTimeout(() => {
      if (this.isRevoked(principal)) watch.end('revoked')
      else wait()
    }, 0)
    return { [Symbol.dispose]: dispose }
  }

  /** Something was revoked: ends the watches of everyone whom it concerns. */
  #recheck(): void {
    for (const watch of [...this.#watches]) if (this.isRevoked(watch.principal)) watch.end('revoked')
  }

  /** Whether the credential, or one that it was made with, was revoked. */
  isRevoked(principal: Principal): boolean {
    return this.#sources.some(source => source.isRevoked(principal))
  }
}
