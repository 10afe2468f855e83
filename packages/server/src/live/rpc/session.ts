import { HttpError } from '../../http/problem.ts'
import type { EndReason } from '../end-reason.ts'

/** What is left of a subscription. */
export interface Remains {
  /** Position to go on from, where there is one. */
  readonly resume?: number
}

/** What a subscription does while it is one. */
export interface Subscription {
  /** Sends until the end, and tells it, unless it was cancelled. Never rejects; nothing of it is left when it resolves. */
  run(): Promise<Remains>
  /** Ends it now; the first reason counts. */
  end(reason: EndReason): void
}

interface Entry {
  readonly subscription: Subscription
  ended?: Promise<Remains>
}

/** The subscriptions of one socket. */
export class Session {
  readonly #most: number
  /** An entry is undefined while it is being opened. */
  readonly #entries = new Map<string, Entry | undefined>()
  #named = 0
  #reason: EndReason | undefined
  #onEmpty: (() => void) | undefined

  /** @param most subscriptions at a time */
  constructor(most: number) {
    this.#most = most
  }

  /** Subscriptions that are open. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * Opens a subscription and names it; it runs from `start` on.
   *
   * @throws HttpError 429 when there are too many, and what `open` throws
   */
  async add(open: (id: string) => Promise<Subscription>): Promise<string> {
    if (this.#entries.size >= this.#most) {
      throw new HttpError(429, 'ANNALS_RATE_LIMITED', 'Too many subscriptions on this socket.', {
        hint: `End some: ${this.#most} may be open.`,
      })
    }
    const id = `s${++this.#named}`
    this.#entries.set(id, undefined)
    try {
      const subscription = await open(id)
      this.#entries.set(id, { subscription })
      if (this.#reason !== undefined) void this.#end(id, this.#reason)
      return id
    } catch (error) {
      this.#leave(id)
      throw error
    }
  }

  /** Lets a subscription run: its name has been told. */
  start(id: string): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) void this.#run(id, entry)
  }

  /** Ends a subscription; undefined when there is none of this name, or none any more. */
  async cancel(id: string): Promise<Remains | undefined> {
    return await this.#end(id, 'cancelled')
  }

  /** Ends all, also those that are being opened. Resolves when nothing of them is left. */
  async end(reason: EndReason): Promise<void> {
    this.#reason ??= reason
    if (this.#entries.size === 0) return
    await new Promise<void>(resolve => {
      const before = this.#onEmpty
      this.#onEmpty = () => {
        before?.()
        resolve()
      }
      for (const id of [...this.#entries.keys()]) void this.#end(id, reason)
    })
  }

  #end(id: string, reason: EndReason): Promise<Remains> | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    entry.subscription.end(reason)
    return this.#run(id, entry)
  }

  #run(id: string, entry: Entry): Promise<Remains> {
    entry.ended ??= entry.subscription.run().finally(() => this.#leave(id))
    return entry.ended
  }

  #leave(id: string): void {
    if (this.#entries.delete(id) && this.#entries.size === 0) this.#onEmpty?.()
  }
}
