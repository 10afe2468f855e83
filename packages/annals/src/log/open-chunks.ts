import { AnnalsError, isLogAction } from '../model/index.ts'
import type { OpenChunk } from './appender.ts'
import { GgmWalk } from './ggm.ts'
import type { KeyStore } from './key-store.ts'
import type { Head } from './log-store.ts'
import { periodEnd } from './period.ts'
import type { Period } from './store.ts'

const CHUNK_ENTRIES = 2 ** 32
/** Classes whose seeds a new chunk has from the start, because nearly every log uses them. */
const FIRST_CLASSES = ['standard', 'ledger']
/** How long a chunk goes on when the checkpoint at its end could not be signed, in milliseconds. */
const LATER_MS = 60_000

/**
 * The chunk that entries go to. It ends with the period of its first event, or when it is full; one that holds nothing but the
 * log's own entries goes on. Its seeds are durable before it is used.
 */
export class OpenChunks {
  readonly #keys: KeyStore
  readonly #period: Period
  #chunk: OpenChunk | undefined
  #ends: number
  /** The chunk that the log ends in, until it was gone on with or left. */
  #resumable: Head['chunk']
  /** No event but the log's own is in the chunk yet. */
  #own: boolean

  constructor(keys: KeyStore, period: Period, last: Head['chunk']) {
    this.#keys = keys
    this.#period = period
    this.#resumable = last
    this.#own = last?.own ?? true
    this.#ends = last === undefined || last.own ? Number.POSITIVE_INFINITY : periodEnd(period, last.time)
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

  /** Whether opening a chunk for an entry at this time ends another one. */
  ends(time: number): boolean {
    return (this.#chunk ?? this.#resumable) !== undefined && time >= this.#ends
  }

  /** Lets the chunk end before the next entry. One that holds nothing but the log's own entries goes on. */
  end(): void {
    if (!this.#own) this.#ends = Number.NEGATIVE_INFINITY
  }

  /** Lets the chunk go on for a while: it could not be ended. */
  goOn(time: number): void {
    this.#ends = time + LATER_MS
  }

  /** Begins a chunk at a position, or goes on with the one the log ends in. */
  async open(time: number, index: number): Promise<OpenChunk> {
    const resumed = time < this.#ends ? this.#resumable : undefined
    const chunk: OpenChunk = { lo: resumed?.lo ?? index, walks: new Map() }
    await this.#load(chunk, [...new Set([...FIRST_CLASSES, ...(this.#chunk?.walks.keys() ?? [])])])
    this.#chunk = chunk
    this.#resumable = undefined
    if (resumed === undefined) {
      this.#own = true
      this.#ends = Number.POSITIVE_INFINITY
    }
    return chunk
  }

  /** Tells that an entry went to the chunk: the first event that is not the log's own decides when it ends. */
  appended(action: string, time: number): void {
    if (!this.#own || isLogAction(action)) return
    this.#own = false
    this.#ends = periodEnd(this.#period, time)
  }

  /**
   * Gives a chunk the seed of a retention class.
   *
   * @throws AnnalsError ANNALS_KEYS when the seed was destroyed
   */
  async addClass(chunk: OpenChunk, retention: string): Promise<void> {
    if (chunk.walks.has(retention)) return
    await this.#load(chunk, [retention])
    if (chunk.walks.has(retention)) return
    throw new AnnalsError(
      'ANNALS_KEYS',
      `The secrets of the class "${retention}" in the open chunk were destroyed.`,
      {
        hint: 'Events of this class can be recorded again when the next chunk begins.',
      },
    )
  }

  /** Takes the seeds of the open chunk anew: some of them were punctured. */
  async reload(): Promise<void> {
    const chunk = this.#chunk
    if (chunk === undefined) return
    const classes = [...chunk.walks.keys()]
    const seeds = await this.#keys.chunkSeeds(chunk.lo, classes)
    for (const name of classes) {
      const nodes = seeds.get(name)
      if (nodes === undefined) chunk.walks.delete(name)
      else chunk.walks.set(name, new GgmWalk(nodes))
    }
  }

  async #load(chunk: OpenChunk, classes: readonly string[]): Promise<void> {
    const seeds = await this.#keys.chunkSeeds(chunk.lo, classes)
    for (const [name, nodes] of seeds) if (!chunk.walks.has(name)) chunk.walks.set(name, new GgmWalk(nodes))
  }
}
