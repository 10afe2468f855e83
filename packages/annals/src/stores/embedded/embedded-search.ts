import type { CountedSlice, Grouping, Matches, Search, SearchIndex } from '../../query/index.ts'
import type { Thread } from './thread/thread.ts'
import { Turns } from './thread/turns.ts'

/**
 * The search index of an embedded store, answered in a thread of its own, one question after the other. Of patient questions one
 * at a time is in its queue, so that a new question waits for one slice of all the long walks together.
 */
export class EmbeddedSearch implements SearchIndex {
  readonly #thread: Thread
  readonly #turns = new Turns()
  /** The patient question that was asked last. */
  #patient: Promise<unknown> = Promise.resolve()

  constructor(thread: Thread) {
    this.#thread = thread
  }

  async find(
    search: Search,
    order: 'asc' | 'desc',
    limit: number,
    isWanted?: () => boolean,
  ): Promise<Matches> {
    const found = await this.#inTurn(search, () => this.#call('find', [search, order, limit], isWanted))
    return (found as Matches | undefined) ?? { events: [], rest: undefined, scanned: 0 }
  }

  async count(search: Search, groupings: readonly Grouping[]): Promise<CountedSlice> {
    return (await this.#inTurn(search, () => this.#call('count', [search, groupings]))) as CountedSlice
  }

  async position(id: string): Promise<number | undefined> {
    return (await this.#call('position', [id])) as number | undefined
  }

  async positionAt(time: number): Promise<number> {
    return (await this.#call('positionAt', [time])) as number
  }

  async keyed(keys: readonly string[]): Promise<readonly (number | undefined)[]> {
    return (await this.#call('keyed', [keys])) as (number | undefined)[]
  }

  #call(method: string, args: readonly unknown[], isWanted?: () => boolean): Promise<unknown> {
    return this.#turns.take(() => this.#thread.call(method, ...args), isWanted)
  }

  async #inTurn({ patient }: Search, ask: () => Promise<unknown>): Promise<unknown> {
    if (patient !== true) return await ask()
    const asked = this.#patient.then(ask)
    // Whoever comes next waits for the end of it, whatever it was.
    this.#patient = asked.catch(() => {})
    return await asked
  }
}
