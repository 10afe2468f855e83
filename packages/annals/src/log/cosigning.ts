import type { Hash } from '@annals/tlog'

/** Whoever gathers cosignatures of witnesses. Never rejects. */
export interface CosignatureSource {
  cosign(
    checkpoint: Uint8Array,
    prove: (oldSize: number) => Promise<readonly Hash[]>,
  ): Promise<{
    readonly checkpoint: Uint8Array
    /** The cosignatures are enough. */
    readonly quorum: boolean
    readonly failures: readonly Error[]
  }>
}

/** A checkpoint that waits for its cosignatures. */
export interface Uncosigned {
  readonly size: number
  readonly checkpoint: Uint8Array
  readonly prove: (oldSize: number) => Promise<readonly Hash[]>
  /** Told what became of it; a rejection is reported. */
  readonly cosigned: (checkpoint: Uint8Array) => Promise<void>
}

/** How long it takes until a checkpoint that got too few cosignatures is offered again, in milliseconds. */
const RETRY_MS = 5_000

interface Waiting {
  readonly size: number
  readonly resolve: () => void
}

/**
 * Gathers cosignatures behind the checkpoints: one at a time, and of those that wait only the newest, for it covers the
 * others. A witness that is slow or gone never holds up recording.
 */
export class Cosigning {
  readonly #source: CosignatureSource
  readonly #onError: (error: Error) => void
  #next: Uncosigned | undefined
  #running: Promise<void> | undefined
  #witnessed = 0
  #waiting: Waiting[] = []
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(source: CosignatureSource, onError: (error: Error) => void) {
    this.#source = source
    this.#onError = onError
  }

  /** Entries that a checkpoint with enough cosignatures covers. */
  get witnessed(): number {
    return this.#witnessed
  }

  offer(one: Uncosigned): void {
    clearTimeout(this.#retry)
    this.#next = one
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when enough witnesses have cosigned so many entries. */
  async reached(size: number): Promise<void> {
    if (this.#witnessed >= size) return
    await new Promise<void>(resolve => this.#waiting.push({ size, resolve }))
  }

  /** Tries no more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    await this.#running
  }

  async #work(): Promise<void> {
    for (let one = this.#next; one !== undefined; one = this.#next) {
      this.#next = undefined
      try {
        const { checkpoint, quorum, failures } = await this.#source.cosign(one.checkpoint, one.prove)
        for (const failure of failures) this.#onError(failure)
        await one.cosigned(checkpoint)
        if (quorum) this.#reach(one.size)
        else this.#later(one)
      } catch (error) {
        this.#onError(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  #later(one: Uncosigned): void {
    if (this.#closed || this.#next !== undefined) return
    this.#retry = setTimeout(() => this.offer(one), RETRY_MS).unref()
  }

  #reach(size: number): void {
    this.#witnessed = Math.max(this.#witnessed, size)
    this.#waiting = this.#waiting.filter(waiting => {
      if (waiting.size > this.#witnessed) return true
      waiting.resolve()
      return false
    })
  }
}
