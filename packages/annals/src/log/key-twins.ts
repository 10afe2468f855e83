import { AnnalsError } from '../model/index.ts'
import type { SearchIndex } from '../query/search-index.ts'
import type { Item } from './item.ts'
import { keyConflict, sameContent } from './same-content.ts'

/** What became of an item whose idempotency key is known. */
export type TwinVerdict =
  /** It is the event at this place. */
  | { readonly id: string; readonly index: number }
  /** It shares the fate of an item that is not durable yet. */
  | { readonly follow: Item }
  | AnnalsError

/**
 * Idempotency: finds the earlier use of a key, in the log or among the items that are not durable yet. Memory is bounded by
 * those; everything older is asked of the index.
 */
export class KeyTwins {
  readonly #index: SearchIndex
  readonly #compare: (item: Item, index: number) => Promise<{ readonly id: string } | AnnalsError | undefined>
  readonly #underway = new Map<string, Item>()

  /** @param compare compares an item with what was recorded at a position: its id, a conflict, or undefined when nothing is left */
  constructor(
    index: SearchIndex,
    compare: (item: Item, index: number) => Promise<{ readonly id: string } | AnnalsError | undefined>,
  ) {
    this.#index = index
    this.#compare = compare
  }

  /** Looks for items' keys in the log, together. Items whose key is underway remember the twin. */
  async find(items: readonly Item[]): Promise<ReadonlyMap<Item, TwinVerdict>> {
    const asked: Item[] = []
    for (const item of items) {
      if (item.event.key === undefined || item.settled) continue
      item.twin = this.#underway.get(item.event.key)
      if (item.twin === undefined) asked.push(item)
    }
    const verdicts = new Map<Item, TwinVerdict>()
    if (asked.length === 0) return verdicts
    const positions = await this.#index.keyed(asked.map(item => item.event.key as string))
    for (const [i, item] of asked.entries()) {
      const index = positions[i]
      if (index === undefined || item.settled) continue
      const answer = await this.#compare(item, index)
      // Thinned since the index was asked: the key is free.
      if (answer === undefined) continue
      verdicts.set(item, answer instanceof AnnalsError ? answer : { id: answer.id, index })
    }
    return verdicts
  }

  /** The verdict on an item that is about to be appended; undefined when its key is new. `seen`: keys of its own slice. */
  judge(item: Item, seen: ReadonlyMap<string, Item>): TwinVerdict | undefined {
    const { key } = item.event
    if (key === undefined) return undefined
    // A twin whose write has failed since counts no more; then the next item with the key is the first.
    const twins = [item.twin, seen.get(key), this.#underway.get(key)]
    const twin = twins.find(one => one !== undefined && !isLost(one))
    if (twin === undefined) return undefined
    if (!sameContent(item.event, twin.event, item.event.timeless || twin.event.timeless))
      return keyConflict(item.event, twin.index)
    return this.#underway.get(key) === twin ? { follow: twin } : { id: twin.id, index: twin.index }
  }

  /** An item with a key was appended and is not durable yet. */
  add(item: Item): void {
    if (item.event.key !== undefined) this.#underway.set(item.event.key, item)
  }

  /** An item became durable, or will not be recorded. */
  remove(item: Item): void {
    if (item.event.key !== undefined) this.#underway.delete(item.event.key)
  }
}

function isLost(item: Item): boolean {
  return item.settled && item.index < 0
}
