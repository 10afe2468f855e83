import type { AnnalsError, Phase } from '../model/index.ts'
import type { Person, SubjectKey } from './key-store.ts'
import type { EventContent, PartText } from './parts.ts'

/** An event that is ready to be sequenced: validated, masked, split into parts. */
export interface Admitted {
  readonly action: string
  readonly phase: Phase
  readonly retention: string
  readonly content: EventContent
  /** Sorted by name. */
  readonly parts: readonly PartText[]
  /** For each part, in the same order, the persons it is keyed to; undefined when there are none at all. */
  readonly persons: readonly (readonly Person[])[] | undefined
  /** Operation that the event belongs to; undefined when it is its own. */
  readonly operation: string | undefined
  /** Idempotency, base64url of 16 bytes. */
  readonly key: string | undefined
  /** The producer gave no `occurredAt`: two uses of a key may differ in it. */
  readonly timeless: boolean
}

/** Events accepted between two calls of `settled`, and who waits for them. */
export interface Epoch {
  open: number
  readonly waiting: (() => void)[]
}

/** Told once what became of an item. One waiter may wait for many. */
export interface Waiter {
  recorded(item: Item, duplicate: boolean): void
  refused(item: Item, error: AnnalsError): void
}

/** An admitted event on its way through the sequencer. */
export class Item {
  readonly event: Admitted
  readonly slot: number
  /** Milliseconds of the monotonic clock; −∞ once nobody waits for it. */
  since: number
  /** Size in memory, roughly, in bytes. */
  readonly weight: number
  #waiter: Waiter | undefined

  id = ''
  index = -1
  recordedAt = 0
  /** Keys of each part once they are known. */
  keys: readonly (readonly SubjectKey[])[] | undefined
  /** The item in memory that has the same idempotency key. */
  twin: Item | undefined
  /** Items that wait for this one because they share its idempotency key. */
  followers: Item[] | undefined
  /** The caller was told ANNALS_TIMEOUT after the item had been handed to the store. */
  notAwaited = false
  /** Told instead of a denial when it becomes durable after its caller had an answer. */
  late: (() => void) | undefined
  /** Count of the sequencer that the item is part of until it has its answer. */
  epoch: Epoch | undefined

  constructor(event: Admitted, waiter: Waiter, slot: number, since: number) {
    this.event = event
    this.#waiter = waiter
    this.slot = slot
    this.since = since
    let weight = 256
    for (const part of event.parts) weight += part.json.length
    this.weight = weight
  }

  /** The items that wait for this one, which then waits for nobody's sake any more. */
  takeFollowers(): readonly Item[] {
    const followers = this.followers ?? []
    this.followers = undefined
    return followers
  }

  /** The caller has its answer. */
  get settled(): boolean {
    return this.#waiter === undefined
  }

  recorded(duplicate = false): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.recorded(this, duplicate)
  }

  refuse(error: AnnalsError): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.refused(this, error)
  }
}
