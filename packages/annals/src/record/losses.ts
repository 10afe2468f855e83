/** Events that were dropped, and that no gap tells of yet. */
export interface Lost {
  readonly events: number
  /** By the name of the rule that dropped them. */
  readonly rules: Readonly<Record<string, number>>
  /** When the first and the last were dropped, ms since the epoch. */
  readonly from: number
  readonly to: number
}

const RETRY_MS = 1_000

/** Counts what is dropped, and sees to it that the log tells of it as soon as it can be written again. */
export class Losses {
  readonly #tell: (lost: Lost) => Promise<unknown>
  readonly #settled: () => Promise<void>
  readonly #now: () => number
  #rules = new Map<string, number>()
  #from = 0
  #to = 0
  #timer: NodeJS.Timeout | undefined
  #telling: Promise<void> | undefined

  /**
   * @param tell records a gap
   * @param settled resolves when it is known of everything before whether it is durable: what seemed lost may not be
   */
  constructor(tell: (lost: Lost) => Promise<unknown>, settled: () => Promise<void>, now: () => number) {
    this.#tell = tell
    this.#settled = settled
    this.#now = now
  }

  /** How many are not told of yet. */
  get pending(): number {
    let events = 0
    for (const count of this.#rules.values()) events += count
    return events
  }

  add(rule: string): void {
    this.#to = this.#now()
    if (this.#rules.size === 0) this.#from = this.#to
    this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + 1)
    this.#retry()
  }

  /** One of them was recorded after all. */
  remove(rule: string): void {
    const count = (this.#rules.get(rule) ?? 0) - 1
    if (count > 0) this.#rules.set(rule, count)
    else this.#rules.delete(rule)
  }

  /** Tells of them now; what cannot be told stays. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#telling ??= this.#flush().finally(() => {
      this.#telling = undefined
      if (this.#rules.size > 0) this.#retry()
    })
    return this.#telling
  }

  /** The last attempt. */
  async close(): Promise<void> {
    await this.flush()
    clearTimeout(this.#timer)
  }

  async #flush(): Promise<void> {
    try {
      await this.#settled()
    } catch {
      return
    }
    const events = this.pending
    if (events === 0) return
    const told = this.#rules
    const lost = { events, rules: Object.fromEntries(told), from: this.#from, to: this.#to }
    this.#rules = new Map()
    try {
      await this.#tell(lost)
    } catch {
      for (const [rule, count] of told) this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + count)
      this.#from = lost.from
    }
  }

  #retry(): void {
    this.#timer ??= setTimeout(() => void this.flush(), RETRY_MS).unref()
  }
}
