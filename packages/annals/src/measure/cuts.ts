import type { Positioned } from '../log/log-store.ts'
import { type Bucket, OpenBucket } from './bucket.ts'
import { factsOfRecord } from './facts.ts'
import { slices } from './pause.ts'
import type { Rollup } from './rollup.ts'
import type { Span } from './view.ts'

/** Most records that are read from the log for one end of a window. */
export const CUT_RECORDS = 10_000
/** Parts of buckets that are remembered. */
const REMEMBERED = 32

/** Where records are read. */
export interface CutLog {
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
  /** First position recorded at or after a time. */
  positionAt(time: number): Promise<number>
}

/** Reads from the log what of a bucket lies in a window, and remembers it: a window that is watched is cut again and again. */
export class Cuts {
  readonly #log: CutLog
  /** Least recently used first. */
  readonly #known = new Map<string, readonly Bucket[]>()

  constructor(log: CutLog) {
    this.#log = log
  }

  /**
   * One bucket or none; undefined when it takes more than {@link CUT_RECORDS} records, or when anything near was erased or has
   * expired since it was counted: what is left says less than the bucket does.
   */
  async cut(rollup: Rollup, bucket: Bucket, window: Span): Promise<readonly Bucket[] | undefined> {
    const from = Math.max(window.from, bucket.first)
    const to = Math.min(window.to, bucket.last + 1)
    const name = `${bucket.lo}-${bucket.hi}/${from}-${to}`
    const known = this.#known.get(name)
    const cut = known ?? (await this.#read(rollup, bucket, { from, to }))
    if (cut === undefined) return undefined
    this.#known.delete(name)
    this.#known.set(name, cut)
    const [oldest] = this.#known.keys()
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest)
    return cut
  }

  async #read(rollup: Rollup, bucket: Bucket, { from, to }: Span): Promise<readonly Bucket[] | undefined> {
    const { lo, hi } = bucket
    const within = (position: number): number => Math.min(Math.max(position, lo), hi)
    const begin = from === bucket.first ? lo : within(await this.#log.positionAt(from))
    const end = to > bucket.last ? hi : within(await this.#log.positionAt(to))
    if (end - begin > CUT_RECORDS) return undefined
    // With a neighbour on either side: a position is where it is because of what can still be read beside it.
    let next = Math.max(lo, begin - 1)
    const last = Math.min(hi, end + 1)
    const open = new OpenBucket(bucket.level, bucket.start)
    const pause = slices()
    for await (const batch of this.#log.read(next, last)) {
      for (const { index, record } of batch) {
        const timed = factsOfRecord(index, record)
        if (timed === undefined || index !== next || record.parts.some(({ bytes }) => bytes === null))
          return undefined
        next++
        const { time, facts } = timed
        if (facts.phase !== 'attempt' && time >= from && time < to) rollup.count(open, index, time, facts)
        await pause()
      }
    }
    if (next !== last) return undefined
    return open.empty ? [] : [open.taken()]
  }
}
