import type { CountedSlice, Grouping, Matches, Search, SearchIndex } from '../../query/index.ts'
import type { Thread } from './thread/thread.ts'

/**
 * The search index of an embedded store, answered in a thread of its own, one question after the other. Of patient questions one
 * at a time is in its queue, so that a new question waits for one slice of all the long walks together.
 */
export class EmbeddedSearch implements SearchIndex {
  readonly #thread: Thread
  /** The patient question that was asked last. */
  #patient: Promise<unknown> = Promise.resolve()

  constructor(thread: Thread) {
    this.#thread = thread
  }

  async find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches> {
    return (await this.#ask(search, 'find', search, order, limit)) as Matches
  }

  async count(search: Search, groupings: readonly Grouping[]): Promise<CountedSlice> {
    return (await this.#ask(search, 'count', search, groupings)) as CountedSlice
  }

  async position(id: string): Promise<number | undefined> {
    return (await this.#thread.call('position', id)) as number | undefined
  }

  async positionAt(time: number): Promise<number> {
    return (await this.#thread.call('positionAt', time)) as number
  }

  async keyed(keys: readonly string[]): Promise<readonly (number | undefined)[]> {
    return (await this.#thread.call('keyed', keys)) as (number | undefined)[]
  }

  async #ask({ patient }: Search, method: string, ...args: readonly unknown[]): Promise<unknown> {
    if (patient !== true) return await this.#thread.call(method, ...args)
    const asked = this.#patient.then(() => this.#thread.call(method, ...args))
    // Whoever comes next waits for the end of it, whatever it was.
    this.#patient = asked.catch(() => {})
    return await asked
  }
}
