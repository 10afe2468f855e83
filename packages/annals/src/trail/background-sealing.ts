import { randomUUID } from 'node:crypto'
import type { ActRunner } from '../lifecycle/act-runner.ts'
import { type NotSealed, seal } from '../lifecycle/seal.ts'
import { storeError } from '../log/store-error.ts'
import { AnnalsError } from '../model/index.ts'

/**
 * Seals chunks that have ended behind the recorder's back, one at a time, so that other acts and closing wait for one at most. What
 * fails is reported and tried again when the next chunk ends, or at the next opening.
 */
export class BackgroundSealing {
  readonly #acts: ActRunner
  readonly #report: (error: Error) => void
  #running = false
  #ended = false
  /** A chunk ended while others were being sealed. */
  #again = false

  constructor(acts: ActRunner, report: (error: Error) => void) {
    this.#acts = acts
    this.#report = report
  }

  /** Tells that a chunk ends here. It has ended for the store with the first entry of the next one. */
  chunkEnded(): void {
    this.#ended = true
  }

  /** Tells that entries have become durable. */
  grew(): void {
    if (this.#ended) this.wake()
  }

  /** Seals what there is to seal. */
  wake(): void {
    this.#ended = false
    if (this.#running) {
      this.#again = true
      return
    }
    this.#running = true
    this.#sealAll()
      .catch((error: unknown) => {
        // Closing the trail leaves the rest to the next opening.
        if (!(error instanceof AnnalsError && error.code === 'ANNALS_CLOSED')) this.#report(storeError(error))
      })
      .finally(() => {
        this.#running = false
      })
  }

  async #sealAll(): Promise<void> {
    do {
      this.#again = false
      let failed: readonly NotSealed[]
      for (;;) {
        const done = await this.#acts.perform(seal, { limit: 1 }, `sealing:${randomUUID()}`)
        failed = done.failed
        if (!done.more) break
      }
      for (const one of failed) this.#report(notSealed(one))
    } while (this.#again)
  }
}

function notSealed({ chunk, period, why }: NotSealed): AnnalsError {
  return new AnnalsError(
    'ANNALS_STORE',
    `The chunk ${period} from position ${chunk} was not sealed. ${why}`,
    {
      hint: 'Recording goes on. See annals chunk list; it is tried again when the next chunk ends.',
    },
  )
}
