import type { LiveSource, Tap } from './feed.ts'

/** How often a log that another process writes is looked at, in milliseconds. */
export const POLL_MS = 100

/** Learns of a log's growth by looking: for readers beside a writer in another process. */
export class PolledSource implements LiveSource {
  readonly #look: () => number
  readonly #erasures: () => unknown
  readonly #wakes = new Set<() => void>()
  #size: number
  #told: number
  #timer: NodeJS.Timeout | undefined
  /** Why the last look failed; told to the readers that wait. */
  #failure: { readonly error: unknown } | undefined

  /**
   * @param look finds the size now
   * @param erasures changes when content was erased
   */
  constructor(look: () => number, erasures: () => unknown = () => 0) {
    this.#look = look
    this.#erasures = erasures
    this.#size = look()
    this.#told = this.#size
  }

  get listeners(): number {
    return this.#wakes.size
  }

  size(): number {
    this.#size = this.#look()
    return this.#size
  }

  erasures(): unknown {
    return this.#erasures()
  }

  tap(_matches: unknown, wake: () => void): Tap {
    let seen = this.#size
    this.#wakes.add(wake)
    this.#timer ??= setInterval(() => this.#poll(), POLL_MS)
    return {
      take: () => {
        if (this.#failure !== undefined) throw this.#failure.error
        if (this.#size === seen) return undefined
        seen = this.#size
        return { events: undefined, through: seen }
      },
      // What it says is looked at is read from the log, and counted there.
      seen: 0,
      close: () => {
        this.#wakes.delete(wake)
        if (this.#wakes.size === 0) {
          clearInterval(this.#timer)
          this.#timer = undefined
        }
      },
    }
  }

  /** Runs in a timer, where nobody could catch what it throws. */
  #poll(): void {
    try {
      this.#failure = undefined
      if (this.size() === this.#told) return
      this.#told = this.#size
    } catch (error) {
      this.#failure = { error }
    }
    for (const wake of this.#wakes) wake()
  }
}
