/** What is durable in a log. */
export interface Durable {
  readonly size: number
  /** First position of the segment that is being written. */
  readonly segment: number
  /** Bytes of that segment that hold whole appends. */
  readonly offset: number
}

const VERSION = 2
const REPLACED = 3
const INDEXING = 4
const HELD = 5
const ERASED = 6

/** What the index thread does. */
const AWAY = 0
const AT_WORK = 1
const AT_REST = 2

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
    this.#signal = new Int32Array(buffer, 32, 7)
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

  /** How often files of the directory have been replaced by others. */
  get replaced(): number {
    return Atomics.load(this.#signal, REPLACED)
  }

  /** Tells the readers that files have been replaced: they open them anew. */
  filesReplaced(): void {
    Atomics.add(this.#signal, REPLACED, 1)
  }

  /** How often content has gone from the files. */
  get erasures(): number {
    return Atomics.load(this.#signal, ERASED)
  }

  /** Tells the readers that content has gone from the files: they let go of everything they have. */
  contentErased(): void {
    Atomics.add(this.#signal, ERASED, 1)
  }

  /**
   * Blocks this thread until the index thread has closed every index, and keeps it from opening one: whoever changes or
   * removes closed indexes and the segments they were made from. Release it soon; recording goes on meanwhile.
   */
  holdIndexing(): void {
    Atomics.add(this.#signal, HELD, 1)
    this.#wake()
    while (Atomics.load(this.#signal, INDEXING) === AT_WORK)
      Atomics.wait(this.#signal, INDEXING, AT_WORK, 100)
  }

  releaseIndexing(): void {
    Atomics.sub(this.#signal, HELD, 1)
    Atomics.notify(this.#signal, HELD)
    this.#wake()
  }

  /** For the index thread: whether it must let go of its files. */
  get indexingHeld(): boolean {
    return Atomics.load(this.#signal, HELD) > 0
  }

  /** For the index thread, which has no file open: waits as long as it is held. */
  restIndexing(): void {
    Atomics.store(this.#signal, INDEXING, AT_REST)
    for (;;) {
      Atomics.notify(this.#signal, INDEXING)
      const held = Atomics.load(this.#signal, HELD)
      if (held > 0) Atomics.wait(this.#signal, HELD, held)
      // Whoever holds it anew looks at the state after that: either sees the other.
      Atomics.store(this.#signal, INDEXING, AT_WORK)
      if (Atomics.load(this.#signal, HELD) === 0) return
      Atomics.store(this.#signal, INDEXING, AT_REST)
    }
  }

  /** The index thread has ended. */
  indexingEnded(): void {
    Atomics.store(this.#signal, INDEXING, AWAY)
    Atomics.notify(this.#signal, INDEXING)
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
