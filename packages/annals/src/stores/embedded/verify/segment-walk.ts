import { fstatSync, readSync } from 'node:fs'
import { COMMIT_BYTES, COMMIT_KIND, type Commit, findCommit, readCommit } from '../../../log/commit-frame.ts'
import { RECORD_KIND } from '../../../log/record-bytes.ts'
import { RecordCursor, recordLength } from '../../../verify/record-cursor.ts'
import type { Stretch, WalkVisitor } from './stretch.ts'

const WINDOW = 4 * 1024 * 1024

/**
 * Walks the appends of a segment file through a window of a few MB. Where the form is damaged it says so and goes on with
 * the next append that is whole, by the position its commit frame states.
 */
export class SegmentWalk {
  readonly #fd: number
  #bytes: Buffer
  /** File position of the window, and bytes in it. */
  #at = 0
  #have = 0
  readonly #cursor = new RecordCursor()

  constructor(fd: number) {
    this.#fd = fd
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(WINDOW, Math.max(fstatSync(fd).size, COMMIT_BYTES)))
  }

  /** @returns whether the stretch was exactly what it is said to be */
  walk(stretch: Stretch, visitor: WalkVisitor): boolean {
    const { end, to } = stretch
    let sound = true
    let at = stretch.start
    let index = stretch.from
    let append = { at, index, records: 0 }
    this.#have = 0
    const damage = (code: 'E_ENTRY_FORMAT' | 'E_ENTRY_MISSING', where: number, message: string): void => {
      sound = false
      visitor.damage(code, Math.min(where, Math.max(to - 1, 0)), message)
    }
    const lose = (until: number): void => {
      if (until > index) visitor.lost(index, until)
      index = until
    }
    while (at < end) {
      if (append.at === at) {
        // The frame that ends the append says where the log stands, before any record is judged by its position.
        const ahead = this.#commitAhead(at, end)
        if (ahead !== undefined && ahead.commit.from !== index && ahead.commit.count === ahead.records) {
          const { from, count } = ahead.commit
          if (from > index && from + count <= to) {
            damage('E_ENTRY_MISSING', index, `${from - index} entries are missing before position ${from}.`)
            lose(from)
          } else if (from < index) {
            damage(
              'E_ENTRY_FORMAT',
              index,
              `An append that says it begins at position ${from} stands after position ${index - 1}.`,
            )
            at = ahead.end
            append = { at, index, records: 0 }
            continue
          }
          append.index = index
        }
      }
      const p = this.#load(at, Math.min(COMMIT_BYTES, end - at))
      const length = this.#have - p >= RECORD_HEAD ? this.#bytes.readUInt32BE(p) : 0
      if (at + COMMIT_BYTES <= end && this.#framelike(at)) {
        const frame = this.#load(at, COMMIT_BYTES)
        const commit = readCommit(this.#bytes, frame)
        if (commit === undefined)
          damage('E_ENTRY_FORMAT', append.index, 'The frame that ends an append is damaged.')
        else if (
          commit.from !== append.index ||
          commit.count !== append.records ||
          commit.bytes !== at - append.at
        ) {
          damage(
            'E_ENTRY_FORMAT',
            append.index,
            'The frame that ends an append does not agree with its records.',
          )
        }
        at += COMMIT_BYTES
        append = { at, index, records: 0 }
        continue
      }
      const whole =
        length + 4 > WINDOW
          ? Math.min(length + 4, end - at)
          : Math.min(Math.max(length + 4, RECORD_HEAD), end - at)
      const q = length === 0 || recordLength(this.#bytes, p, p + end - at) === 0 ? p : this.#load(at, whole)
      const limit = Math.min(this.#have, q + end - at)
      const fault = this.#cursor.read(this.#bytes, q, limit)
      if (fault === undefined) {
        if (index >= to) {
          damage('E_ENTRY_FORMAT', to - 1, `More entries follow than there are positions before ${to}.`)
          return false
        }
        if (!this.#cursor.sound)
          damage('E_ENTRY_FORMAT', index, 'The header of its record does not match its CRC.')
        visitor.record(index, this.#bytes, this.#cursor, at)
        index++
        append.records++
        at += this.#cursor.length
        continue
      }
      if (index >= to && this.zerosTo(at, end)) break
      const skip = this.#cursor.length
      if (skip > 0 && index < to && this.#plausible(at + skip, end)) {
        damage('E_ENTRY_FORMAT', index, `The bytes here are no record (${fault}).`)
        lose(index + 1)
        append.records++
        at += skip
        continue
      }
      const next = this.#nextWhole(at, index, { end, to })
      if (next === undefined) {
        damage(
          'E_ENTRY_FORMAT',
          index,
          `The bytes here are no record (${fault})${index < to ? `; ${to - index} entries cannot be read` : ''}.`,
        )
        lose(to)
        return false
      }
      damage(
        'E_ENTRY_FORMAT',
        index,
        `The bytes here are no record (${fault})${next.index > index ? `; ${next.index - index} entries cannot be read` : ''}.`,
      )
      lose(next.index)
      at = next.at
      append = { at, index, records: 0 }
    }
    if (append.records > 0) damage('E_ENTRY_FORMAT', append.index, 'An append is not ended by a frame.')
    if (index < to) {
      damage('E_ENTRY_MISSING', index, `${to - index} entries are missing before position ${to}.`)
      lose(to)
    }
    return sound
  }

  /** Whether nothing but zeros lies from `at` to `end`. */
  zerosTo(at: number, end: number): boolean {
    for (let p = at; p < end; ) {
      const q = this.#load(p, 1)
      const until = Math.min(this.#have, q + end - p)
      if (q >= until) return true
      for (let i = q; i < until; i++) if (this.#bytes[i] !== 0) return false
      p += until - q
    }
    return true
  }

  /**
   * Walks whole and undamaged appends by lengths and frames alone.
   *
   * @returns byte position after the last one, and the position of the log there
   */
  extent(from: number, start: number, end: number): { readonly at: number; readonly index: number } {
    this.#have = 0
    let whole = { at: start, index: from }
    let at = start
    let records = 0
    while (at < end) {
      const p = this.#load(at, Math.min(COMMIT_BYTES, end - at))
      if (this.#have - p < RECORD_HEAD) return whole
      if (this.#bytes[p + 8] === COMMIT_KIND) {
        const commit = readCommit(this.#bytes.subarray(0, this.#have), p)
        if (
          commit === undefined ||
          commit.from !== whole.index ||
          commit.count !== records ||
          records === 0 ||
          commit.bytes !== at - whole.at
        )
          return whole
        at += COMMIT_BYTES
        whole = { at, index: whole.index + records }
        records = 0
        continue
      }
      const length = recordLength(this.#bytes, p, p + end - at)
      if (length === 0) return whole
      at += length
      records++
    }
    return whole
  }

  /** The first commit frame at or after `at`, if it is undamaged. */
  commitAfter(at: number, end: number): { readonly at: number; readonly commit: Commit } | undefined {
    for (let p = at; p + COMMIT_BYTES <= end; ) {
      const q = this.#load(p, Math.min(WINDOW, end - p))
      const until = Math.min(this.#have, q + end - p)
      if (until - q < COMMIT_BYTES) return undefined
      const found = findCommit(this.#bytes.subarray(0, until), q)
      const commit = found < 0 ? undefined : readCommit(this.#bytes, found)
      if (commit !== undefined) return { at: p + found - q, commit }
      p += until - q - COMMIT_BYTES + 1
    }
    return undefined
  }

  /** Where to go on after damage: at an append that is whole, or behind the frame of the one that is not. */
  #nextWhole(
    at: number,
    index: number,
    stretch: { readonly end: number; readonly to: number },
  ): { readonly at: number; readonly index: number } | undefined {
    for (
      let found = this.commitAfter(at, stretch.end);
      found !== undefined;
      found = this.commitAfter(found.at + 1, stretch.end)
    ) {
      const { from, count, bytes } = found.commit
      if (from + count > stretch.to || from + count < index) continue
      const begin = found.at - bytes
      if (begin > at && from >= index) return { at: begin, index: from }
      return { at: found.at + COMMIT_BYTES, index: from + count }
    }
    return undefined
  }

  /** Whether a commit frame stands here, be it damaged: no record is as short, and no record carries the frame's word. */
  #framelike(at: number): boolean {
    const p = this.#load(at, COMMIT_BYTES)
    if (this.#have - p < COMMIT_BYTES) return false
    if (this.#bytes.readUInt32BE(p) === COMMIT_BYTES - 4) return true
    return (
      this.#bytes[p + 9] === 0x41 &&
      this.#bytes[p + 15] === 0x43 &&
      this.#bytes.toString('latin1', p + 9, p + 16) === 'ANNALSC'
    )
  }

  /** Whether a record or frame may begin here, or the stretch ends. */
  #plausible(at: number, end: number): boolean {
    if (at >= end) return at === end
    const p = this.#load(at, Math.min(COMMIT_BYTES, end - at))
    if (this.#have - p < RECORD_HEAD) return false
    const kind = this.#bytes[p + 8]
    return (kind === RECORD_KIND || kind === COMMIT_KIND) && recordLength(this.#bytes, p, p + end - at) > 0
  }

  /** The frame that ends the append at `at`, if it lies in the window and the lengths lead to it. */
  #commitAhead(
    at: number,
    end: number,
  ): { readonly commit: Commit; readonly records: number; readonly end: number } | undefined {
    let p = this.#load(at, Math.min(COMMIT_BYTES, end - at))
    const begin = p
    const limit = Math.min(this.#have, p + end - at)
    for (let records = 0; p + COMMIT_BYTES <= limit; records++) {
      if (this.#bytes[p + 8] === COMMIT_KIND) {
        const commit = readCommit(this.#bytes, p)
        return commit === undefined ? undefined : { commit, records, end: at + p - begin + COMMIT_BYTES }
      }
      const length = recordLength(this.#bytes, p, limit)
      if (length === 0) return undefined
      p += length
    }
    return undefined
  }

  /** Makes sure that `length` bytes at file position `at` are in the window, as far as the file has them; returns where. */
  #load(at: number, length: number): number {
    const p = at - this.#at
    if (p >= 0 && p + length <= this.#have) return p
    const keep = p >= 0 && p < this.#have ? this.#have - p : 0
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(length)
      if (keep > 0) this.#bytes.copy(larger, 0, p, this.#have)
      this.#bytes = larger
    } else if (keep > 0) this.#bytes.copyWithin(0, p, this.#have)
    this.#at = at
    this.#have = keep
    while (this.#have < this.#bytes.length) {
      const read = readSync(
        this.#fd,
        this.#bytes,
        this.#have,
        this.#bytes.length - this.#have,
        at + this.#have,
      )
      if (read === 0) break
      this.#have += read
    }
    return 0
  }
}

/** Bytes that tell a record or frame apart: length, CRC, kind. */
const RECORD_HEAD = 9
