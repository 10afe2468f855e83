import { ByteReader, ByteWriter } from './bytes.ts'
import type { GroupMatch } from './groups.ts'
import type { KeyedHash } from './keyed-hash.ts'
import { startOf } from './levels.ts'
import { ALL_NEEDS, type Facts, type Need, Tally } from './tally.ts'

/** Tallies of a span of time, group by group, as bytes that never change. */
export interface Bucket {
  readonly level: number
  /** Beginning of its span, ms since the epoch. */
  readonly start: number
  /** Positions of its operations: the first, and after the last. Others may lie between them. */
  readonly lo: number
  readonly hi: number
  /** `recordedAt` of its first and last operation. */
  readonly first: number
  readonly last: number
  /** All of the above and the tallies. */
  readonly bytes: Uint8Array
  /** Where in the bytes the tallies begin. */
  readonly cells: number
}

/** A bucket that is being filled. */
export class OpenBucket {
  readonly level: number
  readonly start: number
  #lo: number = Number.MAX_SAFE_INTEGER
  #hi = 0
  #first: number = Number.MAX_SAFE_INTEGER
  #last = 0
  readonly #cells = new Map<number, Tally>()

  /** @param time any time of its span */
  constructor(level: number, time: number) {
    this.level = level
    this.start = startOf(level, time)
  }

  get empty(): boolean {
    return this.#cells.size === 0
  }

  add(index: number, time: number, group: number, facts: Facts, hash: KeyedHash): void {
    this.#tally(group).add(time, facts, hash)
    this.#include(index, index + 1, time, time)
  }

  merge(bucket: Bucket): void {
    this.#include(bucket.lo, bucket.hi, bucket.first, bucket.last)
    eachCell(bucket, undefined, (group, from) => this.#tally(group).merge(from, bucket.first, ALL_NEEDS))
  }

  /** It as it is now; it can be filled further. */
  taken(): Bucket {
    const to = new ByteWriter()
    to.number(this.level)
    to.number(this.start)
    to.number(this.#lo)
    to.number(this.#hi - this.#lo)
    to.number(this.#first - this.start)
    to.number(this.#last - this.#first)
    const cells = new ByteWriter()
    to.section(section => {
      let before = 0
      for (const [group, tally] of [...this.#cells].sort(([a], [b]) => a - b)) {
        section.number(group - before)
        before = group
        section.section(cell => tally.write(cell, this.#first), scratch)
      }
    }, cells)
    const bytes = to.taken()
    return readBucket(bytes, new ByteReader(bytes))
  }

  #tally(group: number): Tally {
    let tally = this.#cells.get(group)
    if (tally === undefined) {
      tally = new Tally()
      this.#cells.set(group, tally)
    }
    return tally
  }

  #include(lo: number, hi: number, first: number, last: number): void {
    if (lo < this.#lo) this.#lo = lo
    if (hi > this.#hi) this.#hi = hi
    if (first < this.#first) this.#first = first
    if (last > this.#last) this.#last = last
  }
}

const scratch: ByteWriter = new ByteWriter()

/** Reads the bucket that follows in `bytes`. */
export function readBucket(bytes: Uint8Array, from: ByteReader): Bucket {
  const begin = from.at
  const level = from.number()
  const start = from.number()
  const lo = from.number()
  const hi = lo + from.number()
  const first = start + from.number()
  const last = first + from.number()
  const length = from.number()
  const cells = from.at - begin
  from.bytes(length)
  return { level, start, lo, hi, first, last, bytes: bytes.subarray(begin, from.at), cells }
}

/**
 * Goes through the tallies of a bucket.
 *
 * @param match which groups; undefined for all
 * @param visit reads the tally of a group; `match` tells why it is visited
 */
export function eachCell(
  bucket: Bucket,
  match: GroupMatch | undefined,
  visit: (group: number, from: ByteReader, match: number) => void,
): void {
  const from = new ByteReader(bucket.bytes, bucket.cells)
  for (let group = 0; !from.ended; ) {
    group += from.number()
    const length = from.number()
    const end = from.at + length
    const matched = match === undefined ? 1 : (match[group] ?? 0)
    if (matched !== 0) visit(group, from, matched)
    from.at = end
  }
}

/** Merges what a question is about into a tally; whether nothing was left out that might have belonged to it. */
export function mergeCells(
  bucket: Bucket,
  match: GroupMatch,
  needs: ReadonlySet<Need>,
  into: Tally,
): 'complete' | 'incomplete' {
  let complete: 'complete' | 'incomplete' = 'complete'
  eachCell(bucket, match, (_, from, matched) => {
    if (matched === 1) into.merge(from, bucket.first, needs)
    else complete = 'incomplete'
  })
  return complete
}
