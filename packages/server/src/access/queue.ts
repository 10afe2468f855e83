/** Does one thing after the other: what reads, changes and saves must not overlap, or one change is lost. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve()

  /** Resolves or rejects as the work does, which begins when all before it has ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}
