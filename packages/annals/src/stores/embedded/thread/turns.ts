/** Pieces of work that are on their way at a time: enough that the other side never waits for the next. */
const WIDTH = 4

interface Waiting {
  readonly start: () => Promise<void>
  readonly giveUp: () => void
  readonly isWanted: (() => boolean) | undefined
}

/**
 * Work for a queue that cannot be taken back once it is sent: a few pieces are on their way, the others wait here for their turn, and
 * what nobody wants any more when it comes is never sent. So ten thousand readers that were opened and closed leave no backlog.
 */
export class Turns {
  readonly #waiting: Waiting[] = []
  #under = 0

  /**
   * @param isWanted asked when its turn comes
   * @returns what the work gave; undefined when it was not wanted any more
   */
  take<T>(work: () => Promise<T>, isWanted?: () => boolean): Promise<T | undefined> {
    if (this.#under < WIDTH) return this.#start(work)
    return new Promise((resolve, reject) => {
      const start = (): Promise<void> => this.#start(work).then(resolve, reject)
      this.#waiting.push({ start, giveUp: () => resolve(undefined), isWanted })
    })
  }

  async #start<T>(work: () => Promise<T>): Promise<T> {
    this.#under++
    try {
      return await work()
    } finally {
      this.#under--
      this.#next()
    }
  }

  #next(): void {
    let skipped = 0
    for (const { start, giveUp, isWanted } of this.#waiting) {
      skipped++
      if (isWanted?.() === false) giveUp()
      else {
        void start()
        break
      }
    }
    this.#waiting.splice(0, skipped)
  }
}
