import type { OpenChunk } from './appender.ts'
import { GgmWalk } from './ggm.ts'
import type { KeyStore } from './key-store.ts'
import type { Head } from './log-store.ts'
import { periodEnd } from './period.ts'
import type { Period } from './store.ts'

const CHUNK_ENTRIES = 2 ** 32
/** Classes whose seeds a new chunk has from the start, because nearly every log uses them. */
const FIRST_CLASSES = ['standard', 'ledger']

/** The chunk that entries go to: ends with its period, or when it is full. Its seeds are durable before it is used. */
export class OpenChunks {
  readonly #keys: KeyStore
  readonly #period: Period
  #chunk: OpenChunk | undefined
  #ends: number
  /** The chunk that the log ends in, until it was gone on with or left. */
  #resumable: Head['chunk']

  constructor(keys: KeyStore, period: Period, last: Head['chunk']) {
    this.#keys = keys
    this.#period = period
    this.#resumable = last
    this.#ends = last === undefined ? 0 : periodEnd(period, last.time)
  }

  /** The chunk that was opened last. */
  get current(): OpenChunk | undefined {
    return this.#chunk
  }

  /** The open chunk for an entry at this time and position; undefined when another must be opened. */
  at(time: number, index: number): OpenChunk | undefined {
    const chunk = this.#chunk
    return chunk !== undefined && time < this.#ends && index - chunk.lo < CHUNK_ENTRIES ? chunk : undefined
  }

  /** Begins a chunk at a position, or goes on with the one the log ends in. */
  async open(time: number, index: number): Promise<OpenChunk> {
    const resumed = time < this.#ends ? this.#resumable : undefined
    const chunk: OpenChunk = { lo: resumed?.lo ?? index, walks: new Map() }
    for (const retention of new Set([...FIRST_CLASSES, ...(this.#chunk?.walks.keys() ?? [])])) {
      await this.addClass(chunk, retention)
    }
    this.#chunk = chunk
    this.#resumable = undefined
    if (resumed === undefined) this.#ends = periodEnd(this.#period, time)
    return chunk
  }

  /** Gives a chunk the seed of a retention class. */
  async addClass(chunk: OpenChunk, retention: string): Promise<void> {
    if (chunk.walks.has(retention)) return
    const seeds = await this.#keys.chunkSeeds(chunk.lo, [retention])
    for (const [name, seed] of seeds) if (!chunk.walks.has(name)) chunk.walks.set(name, new GgmWalk(seed))
  }
}
