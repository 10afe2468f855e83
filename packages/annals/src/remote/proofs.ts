import type { HttpClient } from './http-client.ts'

/** How safe an event can be beyond being stored. */
type Level = 'proved' | 'witnessed'

/**
 * Asks the server for checkpoints on behalf of many: one request is under way, and whoever comes meanwhile shares the next, so that a
 * thousand who wait cost two.
 */
export class RemoteProofs {
  readonly #client: HttpClient
  readonly #now = new Map<Level, Promise<void>>()
  readonly #next = new Map<Level, Promise<void>>()

  constructor(client: HttpClient) {
    this.#client = client
  }

  /** Resolves when everything that the server has recorded has reached a level. @throws AnnalsError */
  reach(level: Level): Promise<void> {
    let next = this.#next.get(level)
    if (next === undefined) {
      next = (this.#now.get(level) ?? Promise.resolve())
        .catch(() => {})
        .then(() => {
          this.#next.delete(level)
          const now = this.#ask(level)
          this.#now.set(level, now)
          return now
        })
      this.#next.set(level, next)
    }
    return next
  }

  async #ask(level: Level): Promise<void> {
    await this.#client.askPatiently(
      {
        path: '/v1/events',
        method: 'POST',
        query: { await: level },
        headers: { 'Content-Type': 'application/json' },
        body: '[]',
      },
      answer => answer.text(),
    )
  }
}
