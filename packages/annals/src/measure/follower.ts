import { TILE_WIDTH, type Tile } from '@annals/tlog'
import type { Item } from '../log/item.ts'
import type { Positioned } from '../log/log-store.ts'
import { AnnalsError } from '../model/index.ts'
import { factsOfItem, factsOfRecord } from './facts.ts'
import { KeyedHash } from './keyed-hash.ts'
import { formatMetrics, parseMetrics } from './metrics-file.ts'
import { slices } from './pause.ts'
import { Rollup, type RollupLimits } from './rollup.ts'

/** Bytes of recorded events that may wait while older ones are read; beyond it they are read again as well. */
const WAITING_BYTES: number = 16 * 1024 * 1024
/** A reader this far behind looks whether the writer has kept something newer. */
const FAR_BEHIND = 10_000
/** What is kept is written so long after a change, and longer the more it is, in milliseconds. */
const SAVE_MS = 30_000
const SAVE_MS_PER_MIB = 10_000

/** The log that is followed. */
export interface FollowedLog {
  /** Entries that can be read now. */
  size(): number
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
  hashes(tile: Tile): Promise<Uint8Array>
}

/** Where the state is kept between two openings. */
export interface KeptBytes {
  load(): Promise<Uint8Array | undefined>
  /** Absent for whoever only reads. */
  readonly save?: ((bytes: Uint8Array) => Promise<void>) | undefined
}

/** What a follower needs. */
export interface FollowerOptions {
  readonly log: FollowedLog
  /** Keys the hashes of actors, targets and tenants, and what is kept: 32 bytes. */
  readonly key: Uint8Array
  /** Absent, the state lives as long as the process. */
  readonly kept?: KeptBytes | undefined
  /** Failures that nobody waits for. */
  readonly report: (error: Error) => void
  readonly limits?: RollupLimits | undefined
}

/**
 * Counts the operations of a log as they are recorded. What was recorded before is read once, in the background, from where the state
 * that was kept ends. Whatever fails here stops no recording: the next question reads what is missing.
 */
export class Follower {
  readonly #options: FollowerOptions
  readonly #hash: KeyedHash
  readonly #growth = new Set<() => void>()
  #rollup: Rollup
  #reading: Promise<void> | undefined
  /** Recorded while older ones are read; undefined once they were too many. */
  #waiting: Item[] | undefined
  #waitingBytes = 0
  #tidying: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> | undefined
  /** Position up to which the state is kept. */
  #saved = 0
  #saveFailed = false
  #looked = false
  /** Whoever only looks keeps nothing. */
  #started = false
  readonly #closing = new AbortController()
  readonly #pause = slices()

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#hash = new KeyedHash(options.key)
    this.#rollup = this.#empty()
    this.#looked = options.kept === undefined
  }

  /** Records that have been counted. */
  get position(): number {
    return this.#rollup.position
  }

  /** Begins to read what was recorded before, without anybody waiting for it. */
  start(): void {
    this.#started = true
    if (!this.#behind) return
    this.caughtUp().catch(error => {
      if (!this.#closed) this.#options.report(error)
    })
  }

  /** Takes what has just become durable: every item of the log, in order. */
  offer(items: readonly Item[]): void {
    if (this.#closed) return
    try {
      if (this.#reading !== undefined) this.#wait(items)
      else this.#fold(items)
    } catch (error) {
      // What was counted halfway is counted again from the log.
      this.#rollup = this.#empty()
      this.#options.report(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#tidying === undefined && this.#rollup.untidy) this.#tidy().catch(this.#options.report)
    this.#schedule()
    for (const wake of [...this.#growth]) wake()
  }

  /** Calls `wake` after each growth, until the returned function is called. */
  onGrowth(wake: () => void): () => void {
    this.#growth.add(wake)
    return () => this.#growth.delete(wake)
  }

  /** The counts of everything that is recorded now, or more. */
  async caughtUp(): Promise<Rollup> {
    const wanted = this.#options.log.size()
    while (this.position < wanted) {
      if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
        this.#waiting = undefined
      })
      await this.#reading
    }
    return this.#rollup
  }

  /** Stops, and keeps what was counted. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    await this.#reading?.catch(() => {})
    await this.#tidying?.catch(() => {})
    await this.#saving
    if (this.#saved !== this.position) await this.#save()
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  get #behind(): boolean {
    return this.#rollup.position < this.#options.log.size()
  }

  #empty(): Rollup {
    return new Rollup(this.#hash, this.#options.limits)
  }

  #fold(items: readonly Item[]): void {
    for (const item of items)
      if (item.index === this.#rollup.position) this.#rollup.fold(item.recordedAt, factsOfItem(item))
  }

  #wait(items: readonly Item[]): void {
    for (const item of items) this.#waitingBytes += item.weight
    if (this.#waitingBytes > WAITING_BYTES) this.#waiting = undefined
    else for (const item of items) this.#waiting?.push(item)
  }

  async #read(): Promise<void> {
    const { log } = this.#options
    if (!this.#looked || log.size() - this.position > FAR_BEHIND) await this.#load()
    this.#looked = true
    this.#schedule()
    const until = log.size()
    this.#waiting = []
    this.#waitingBytes = 0
    const rollup = this.#rollup
    rollup.expect(await this.#newest(until))
    const pause = slices()
    for await (const batch of log.read(rollup.position, until)) {
      for (const { index, record } of batch) {
        const timed = factsOfRecord(index, record)
        rollup.skip(timed === undefined ? index + 1 : index)
        if (timed !== undefined) rollup.fold(timed.time, timed.facts)
        await pause()
        if (this.#closed) return
      }
      if (rollup.untidy) await this.#tidy()
    }
    if (rollup.position < until)
      throw new AnnalsError('ANNALS_STORE', `The log cannot be read from position ${rollup.position} on.`)
    this.#fold(this.#waiting ?? [])
    this.#schedule()
  }

  /** `recordedAt` of the last entry that can be read; 0 when it has expired. */
  async #newest(size: number): Promise<number> {
    for await (const [last] of this.#options.log.read(size - 1, size))
      if (last !== undefined) return factsOfRecord(last.index, last.record)?.time ?? 0
    return 0
  }

  /** Takes over what was kept, where it is of this log and further than what is known. */
  async #load(): Promise<void> {
    const { kept, key, log, limits } = this.#options
    const bytes = await kept?.load()
    const found = bytes === undefined ? undefined : parseMetrics(bytes, key)
    if (found === undefined || found.position <= this.position || found.position > log.size()) return
    if ((await this.#mark(found.position)) !== found.mark) return
    this.#rollup = new Rollup(this.#hash, limits, found)
    this.#saved = found.position
  }

  /** Leaf hash of the entry before a position. */
  async #mark(position: number): Promise<string> {
    const index = Math.floor((position - 1) / TILE_WIDTH)
    const width = ((position - 1) % TILE_WIDTH) + 1
    const hashes = await this.#options.log.hashes({ level: 0, index, width })
    return Buffer.from(hashes).toString('base64url', (width - 1) * 32, width * 32)
  }

  #tidy(): Promise<void> {
    this.#tidying ??= this.#rollup.tidy(this.#pause, this.#closing.signal).finally(() => {
      this.#tidying = undefined
    })
    return this.#tidying
  }

  #schedule(): void {
    if (!this.#started || this.#timer !== undefined || this.#closed) return
    if (this.#options.kept?.save === undefined) return
    const delay = SAVE_MS + (SAVE_MS_PER_MIB * this.#rollup.bytes) / 2 ** 20
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#saving = this.#save()
    }, delay)
    this.#timer.unref()
  }

  /** Keeps the state. That it cannot be is told once, until it can be again. */
  async #save(): Promise<void> {
    const { kept, key, report } = this.#options
    if (kept?.save === undefined || this.position === 0) return
    const { position, groups } = this.#rollup
    const state = { position, groups: [...groups.all], buckets: this.#rollup.buckets() }
    try {
      const mark = await this.#mark(position)
      await kept.save(formatMetrics({ ...state, mark }, key))
      this.#saved = position
      this.#saveFailed = false
    } catch (error) {
      if (!this.#saveFailed) report(error instanceof Error ? error : new Error(String(error)))
      this.#saveFailed = true
    }
  }
}
