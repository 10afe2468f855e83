import { type Admitted, Item } from '../log/item.ts'
import type { AnnalsError } from '../model/index.ts'

const RETRY_MS = 1_000
/** Denials that wait for a store to write again. */
const MOST = 65_536

/** Where denials go. */
export interface DenialPorts {
  /** Records, also while the trail is closing. */
  hand(item: Item): void
  readonly report: (error: Error) => void
}

/**
 * Records that actions were refused whose attempts became durable after all. The store that was too slow for the attempt is often
 * not well yet: what it does not take is tried again until it does.
 */
export class Denials {
  readonly #ports: DenialPorts
  readonly #waiting: Admitted[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(ports: DenialPorts) {
    this.#ports = ports
  }

  /** @param admitted has an idempotency key: one that is tried again is recorded once */
  add(admitted: Admitted): void {
    const refused = (_: Item, error: AnnalsError): void => this.#again(admitted, error)
    this.#ports.hand(new Item(admitted, { recorded: () => {}, refused }, 0, performance.now()))
  }

  /** A last try for those that wait: what is refused now is reported. */
  close(): void {
    this.#closed = true
    this.#flush()
  }

  #again(admitted: Admitted, error: AnnalsError): void {
    if (this.#closed || !error.retryable || this.#waiting.length >= MOST) {
      this.#ports.report(error)
      return
    }
    this.#waiting.push(admitted)
    this.#timer ??= setTimeout(() => this.#flush(), RETRY_MS).unref()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const admitted of this.#waiting.splice(0)) this.add(admitted)
  }
}
