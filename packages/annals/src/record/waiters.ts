import type { Item, Waiter } from '../log/item.ts'
import type { AnnalsError } from '../model/index.ts'
import type { Recorded, Refused } from '../record/recorded.ts'

/** Waits for one item and settles a promise. */
export class SingleWaiter implements Waiter {
  readonly #resolve: (recorded: Recorded) => void
  readonly #reject: (error: AnnalsError) => void

  constructor(resolve: (recorded: Recorded) => void, reject: (error: AnnalsError) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  recorded(item: Item, duplicate: boolean): void {
    this.#resolve(answer(item, duplicate))
  }

  refused(_item: Item, error: AnnalsError): void {
    this.#reject(error)
  }
}

/** Waits for many items with one promise; each is answered in its slot. */
export class GroupWaiter implements Waiter {
  readonly #answers: (Recorded | Refused)[]
  readonly #resolve: (answers: (Recorded | Refused)[]) => void
  #waiting: number

  constructor(count: number, resolve: (answers: (Recorded | Refused)[]) => void) {
    this.#answers = new Array(count)
    this.#resolve = resolve
    this.#waiting = count
  }

  recorded(item: Item, duplicate: boolean): void {
    this.#set(item.slot, answer(item, duplicate))
  }

  refused(item: Item, error: AnnalsError): void {
    this.refuse(item.slot, error)
  }

  /** Answers a slot whose draft never became an item. */
  refuse(slot: number, error: AnnalsError): void {
    this.#set(slot, { error })
  }

  #set(slot: number, value: Recorded | Refused): void {
    this.#answers[slot] = value
    if (--this.#waiting === 0) this.#resolve(this.#answers)
  }
}

function answer(item: Item, duplicate: boolean): Recorded {
  const { id, index } = item
  return duplicate ? { id, index, level: 'stored', duplicate: true } : { id, index, level: 'stored' }
}
