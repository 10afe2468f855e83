/** What is durable in a log. */
export interface Durable {
  readonly size: number
  /** First position of the segment that is being written. */
  readonly segment: number
  /** Bytes of that segment that hold whole appends. */
  readonly offset: number
}

const VERSION = 2

/**
 * What the writer's threads know of each other, in shared memory: how much of the log is durable. Readers wait on it, and
 * nothing is posted per event.
 */
export class SharedState {
  readonly buffer: SharedArrayBuffer
  readonly #numbers: BigInt64Array
  readonly #signal: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(64)) {
    this.buffer = buffer
    this.#numbers = new BigInt64Array(buffer, 0, 4)
    this.#signal = new Int32Array(buffer, 32, 3)
  }

  /** What is durable, as one consistent picture: a version that is odd, or has changed, says that the writer was at it. */
  read(): Durable {
    for (;;) {
      const version = Atomics.load(this.#signal, VERSION)
      const durable = {
        size: Number(Atomics.load(this.#numbers, 0)),
        segment: Number(Atomics.load(this.#numbers, 1)),
        offset: Number(Atomics.load(this.#numbers, 3)),
      }
      if (version % 2 === 0 && version === Atomics.load(this.#signal, VERSION)) return durable
    }
  }

  /** Entries that are durable. */
  get size(): number {
    return Number(Atomics.load(this.#numbers, 0))
  }

  /** First position that the index does not have. */
  get indexed(): number {
    return Number(Atomics.load(this.#numbers, 2))
  }

  set indexed(next: number) {
    Atomics.store(this.#numbers, 2, BigInt(next))
  }

  /** Whether the index thread is asked to stop. */
  get stopping(): boolean {
    return Atomics.load(this.#signal, 1) !== 0
  }

  grew(durable: Durable): void {
    Atomics.add(this.#signal, VERSION, 1)
    Atomics.store(this.#numbers, 1, BigInt(durable.segment))
    Atomics.store(this.#numbers, 3, BigInt(durable.offset))
    Atomics.store(this.#numbers, 0, BigInt(durable.size))
    Atomics.add(this.#signal, VERSION, 1)
    this.#wake()
  }

  stop(): void {
    Atomics.store(this.#signal, 1, 1)
    this.#wake()
  }

  /** Blocks this thread until something changed since `seen`, or the time is over; returns what to give next time. */
  wait(seen: number, ms: number): number {
    Atomics.wait(this.#signal, 0, seen, ms)
    return Atomics.load(this.#signal, 0)
  }

  #wake(): void {
    Atomics.add(this.#signal, 0, 1)
    Atomics.notify(this.#signal, 0)
  }
}
