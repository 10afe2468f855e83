import type { LocalTrail } from 'annals'

/** How safe an event must be before its recorder is answered. */
export type Level = 'stored' | 'proved' | 'witnessed'

interface Waiter {
  settle(outcome: Level | Error): void
}

/** Those who wait for a level. */
interface Queue {
  isRunning: boolean
  /** Whom the flush under way is for. */
  now: Set<Waiter>
  /** Who came since: what they recorded may not be covered by it. */
  next: Set<Waiter>
}

/**
 * Waits for signed checkpoints on behalf of many: whoever comes while one is being made shares the next, so that a thousand waiting
 * recorders cost two checkpoints. Who has waited too long is forgotten, so that witnesses who are away cost no memory.
 */
export class Proofs {
  readonly #trail: Pick<LocalTrail, 'flush'>
  readonly #patienceMs: number
  readonly #queues: Readonly<Record<'proved' | 'witnessed', Queue>> = {
    proved: { isRunning: false, now: new Set(), next: new Set() },
    witnessed: { isRunning: false, now: new Set(), next: new Set() },
  }

  /** @param patienceMs longest wait, milliseconds */
  constructor(trail: Pick<LocalTrail, 'flush'>, patienceMs: number) {
    this.#trail = trail
    this.#patienceMs = patienceMs
  }

  /**
   * The level that everything recorded before this call has reached: the one asked for, or `stored` when the bound on waiting has
   * passed.
   *
   * @throws AnnalsError ANNALS_UNSUPPORTED for `witnessed` in a log without witnesses, and what `flush` throws
   */
  reach(level: Level): Promise<Level> {
    if (level === 'stored') return Promise.resolve(level)
    const queue = this.#queues[level]
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        settle(outcome) {
          clearTimeout(timer)
          queue.now.delete(waiter)
          queue.next.delete(waiter)
          if (outcome instanceof Error) reject(outcome)
          else resolve(outcome)
        },
      }
      const timer = setTimeout(() => waiter.settle('stored'), this.#patienceMs)
      queue.next.add(waiter)
      if (!queue.isRunning) void this.#run(level, queue)
    })
  }

  /** Never rejects. */
  async #run(level: 'proved' | 'witnessed', queue: Queue): Promise<void> {
    queue.isRunning = true
    while (queue.next.size > 0) {
      queue.now = queue.next
      queue.next = new Set()
      let outcome: Level | Error = level
      try {
        await this.#trail.flush({ level })
      } catch (error) {
        outcome = error instanceof Error ? error : new Error(String(error))
      }
      for (const waiter of [...queue.now]) waiter.settle(outcome)
    }
    queue.isRunning = false
  }
}
