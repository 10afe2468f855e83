import { type Bucket, OpenBucket } from './bucket.ts'
import { GROUP_LIMITS, type Group, type GroupLimits, Groups, NO_TENANT } from './groups.ts'
import type { KeyedHash } from './keyed-hash.ts'
import { isDue, LEVELS, levelFor, startOf, TOP_LEVEL, widthOf } from './levels.ts'
import type { Facts } from './tally.ts'

/** Bounds on memory. */
export interface RollupLimits extends GroupLimits {
  /** Bytes of all buckets; beyond, the level with most bytes becomes coarser from its oldest on, until a quarter is free again. */
  readonly bytes: number
}

/** The limits that hold unless tests choose smaller ones. */
export const ROLLUP_LIMITS: RollupLimits = { ...GROUP_LIMITS, bytes: 32 * 1024 * 1024 }

/** Lets others have the thread from time to time. */
export type Pause = () => Promise<void> | undefined

/** A run of buckets that becomes one bucket of the next level. */
interface Run {
  readonly level: number
  readonly run: readonly Bucket[]
}

/**
 * Tallies of all operations of a log up to a position, in buckets of recordedAt: fine for what is new, coarser with age. Events are
 * folded in the order of their positions; no event is kept.
 */
export class Rollup {
  readonly groups: Groups
  readonly #hash: KeyedHash
  readonly #limits: RollupLimits
  /** Finished buckets by level, each by position. */
  readonly #levels: Bucket[][] = LEVELS.map(() => [])
  #open: OpenBucket | undefined
  #openEnds = 0
  #bytes = 0
  #newest = 0
  #position = 0
  /** The budget was exceeded, and not yet enough of it is free again. */
  #shrinking = false

  constructor(
    hash: KeyedHash,
    limits: RollupLimits = ROLLUP_LIMITS,
    known: {
      readonly position: number
      readonly groups: readonly Group[]
      readonly buckets: readonly Bucket[]
    } = {
      position: 0,
      groups: [],
      buckets: [],
    },
  ) {
    this.#hash = hash
    this.#limits = limits
    this.groups = new Groups(limits, known.groups)
    this.#position = known.position
    for (const bucket of known.buckets) this.#finished(bucket)
  }

  /** Everything below this position has been counted. */
  get position(): number {
    return this.#position
  }

  /** Bytes of the finished buckets. */
  get bytes(): number {
    return this.#bytes
  }

  /** Latest recordedAt that it knows of, ms since the epoch. */
  get newest(): number {
    return this.#newest
  }

  /** Tells how far the log reaches, so that what is old by then is counted coarsely at once. */
  expect(newest: number): void {
    if (newest > this.#newest) this.#newest = newest
  }

  /** Counts the event at {@link position} if it is an operation. Attempts are not: their outcome is. */
  fold(time: number, facts: Facts): void {
    const index = this.#position++
    this.expect(time)
    if (facts.phase === 'attempt') return
    const open = this.#openFor(time)
    // A log's time never goes back; should it, nothing may break.
    this.count(open, index, Math.max(time, open.start), facts)
  }

  /** Counts an operation in a bucket that need not be one of these. */
  count(bucket: OpenBucket, index: number, time: number, facts: Facts): void {
    const { action, tenant, visibility } = facts
    const group = this.groups.of(action, this.tenant(tenant), visibility)
    bucket.add(index, time, group, facts, this.#hash)
  }

  /** Goes on to a position: what lies before it and was not folded is gone from the log. */
  skip(position: number): void {
    if (position > this.#position) this.#position = position
  }

  /** What a tenant is counted under. */
  tenant(tenant: string | undefined): number {
    return tenant === undefined ? NO_TENANT : this.#hash.of(tenant)
  }

  /** All buckets, as they are now, the coarsest and oldest first. */
  buckets(): readonly Bucket[] {
    const all = this.#levels.toReversed().flat()
    if (this.#open !== undefined) all.push(this.#open.taken())
    return all
  }

  /** Makes coarser what is old or too much. One at a time; given up, everything is as it was before the last step. */
  async tidy(pause: Pause, signal: AbortSignal): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { level, run } = next
      const [first] = run as [Bucket]
      const merged = new OpenBucket(level + 1, first.start)
      const above = this.#levels[level + 1] as Bucket[]
      const last = above.at(-1)
      const into = last?.start === merged.start ? [last] : []
      for (const bucket of [...into, ...run]) {
        merged.merge(bucket)
        await pause()
        if (signal.aborted) return
      }
      for (const bucket of into) this.#remove(level + 1, bucket)
      for (const bucket of run) this.#remove(level, bucket)
      this.#finished(merged.taken())
    }
  }

  /** Whether {@link tidy} has something to do. */
  get untidy(): boolean {
    return this.#next() !== undefined
  }

  #openFor(time: number): OpenBucket {
    if (this.#open !== undefined && time < this.#openEnds) return this.#open
    if (this.#open !== undefined) this.#finished(this.#open.taken())
    const level = levelFor(time, this.#newest)
    this.#open = new OpenBucket(level, time)
    this.#openEnds = this.#open.start + widthOf(level)
    return this.#open
  }

  #next(): Run | undefined {
    for (let level = 0; level < TOP_LEVEL; level++) {
      const first = this.#levels[level]?.[0]
      if (first !== undefined && isDue(level, first.start, this.#newest)) return this.#run(level)
    }
    const { bytes } = this.#limits
    this.#shrinking = this.#bytes > (this.#shrinking ? bytes * 0.75 : bytes)
    if (!this.#shrinking) return undefined
    const sizes = this.#levels
      .slice(0, TOP_LEVEL)
      .map(level => level.reduce((sum, one) => sum + one.bytes.length, 0))
    const most = Math.max(...sizes)
    return most === 0 ? undefined : this.#run(sizes.indexOf(most))
  }

  /** The oldest buckets of a level that lie in one bucket of the next. */
  #run(level: number): Run {
    const buckets = this.#levels[level] as Bucket[]
    const [first] = buckets as [Bucket]
    const start = startOf(level + 1, first.start)
    const end = buckets.findIndex(bucket => startOf(level + 1, bucket.start) !== start)
    return { level, run: buckets.slice(0, end < 0 ? buckets.length : end) }
  }

  #finished(bucket: Bucket): void {
    const level = this.#levels[bucket.level] as Bucket[]
    let at = level.length
    while (at > 0 && (level[at - 1] as Bucket).lo > bucket.lo) at--
    level.splice(at, 0, bucket)
    this.#bytes += bucket.bytes.length
    this.expect(bucket.last)
  }

  #remove(level: number, bucket: Bucket): void {
    const buckets = this.#levels[level] as Bucket[]
    buckets.splice(buckets.indexOf(bucket), 1)
    this.#bytes -= bucket.bytes.length
  }
}
