import type { Item } from './item.ts'

/** Items told in one go: smaller slices keep the event loop responsive, larger ones cost fewer turns. */
const SLICE = 256

/** Tells durable items in order, a slice a turn of the event loop. */
export class Acknowledger {
  readonly #tell: (item: Item) => void
  readonly #batches: (readonly Item[])[] = []
  #at = 0
  #telling = false

  constructor(tell: (item: Item) => void) {
    this.#tell = tell
  }

  add(items: readonly Item[]): void {
    this.#batches.push(items)
    if (this.#telling) return
    this.#telling = true
    this.#slice()
  }

  #slice(): void {
    const batch = this.#batches[0] ?? []
    const end = Math.min(batch.length, this.#at + SLICE)
    for (; this.#at < end; this.#at++) this.#tell(batch[this.#at] as Item)
    if (this.#at === batch.length) {
      this.#batches.shift()
      this.#at = 0
    }
    if (this.#batches.length === 0) {
      this.#telling = false
      return
    }
    setImmediate(() => this.#slice())
  }
}
