import type { CountedGroups, Matches, Search, SearchIndex } from '../../query/search-index.ts'
import type { Thread } from './thread/thread.ts'

/** The search index of an embedded store, answered in a thread of its own. */
export class EmbeddedSearch implements SearchIndex {
  readonly #thread: Thread

  constructor(thread: Thread) {
    this.#thread = thread
  }

  async find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches> {
    return (await this.#thread.call('find', search, order, limit)) as Matches
  }

  async count(search: Search, by: readonly string[]): Promise<CountedGroups> {
    return (await this.#thread.call('count', search, by)) as CountedGroups
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
}
