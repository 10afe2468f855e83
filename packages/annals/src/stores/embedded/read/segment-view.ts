import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { COMMIT_BYTES, COMMIT_KIND, readCommit } from '../../../log/commit-frame.ts'
import { MAX_RECORD_BYTES, RECORD_PREFIX, readRecord, type StoredRecord } from '../../../log/record-bytes.ts'
import { AnnalsError } from '../../../model/index.ts'
import type { SegmentRef } from '../segment-file.ts'
import { readAppend } from '../segment-scan.ts'

const WINDOW = 1024 * 1024
const NEAR = 16 * 1024

/** Reads records of one segment file by position. Views into its buffers are valid until the next call. */
export class SegmentView {
  readonly segment: SegmentRef
  /** Bytes of the file that hold whole appends; what lies beyond is not kept, since it may be zeros ahead of the data. */
  whole: number = Number.POSITIVE_INFINITY
  readonly #fd: number
  #bytes: Buffer = Buffer.alloc(0)
  /** File position of the buffered bytes. */
  #at = 0

  constructor(segment: SegmentRef) {
    this.segment = segment
    this.#fd = openSync(segment.path, 'r')
  }

  close(): void {
    closeSync(this.#fd)
  }

  /**
   * Whether the file has been removed since it was opened: one of the same name may have taken its place. When it was written
   * to, what is buffered is forgotten: something in it may have been erased.
   */
  get removed(): boolean {
    const { nlink, mtimeMs } = fstatSync(this.#fd)
    if (mtimeMs !== this.#modified) this.#bytes = Buffer.alloc(0)
    this.#modified = mtimeMs
    return nlink === 0
  }
  #modified = 0

  /**
   * Visits the records of positions `from` to `to`, exclusive.
   *
   * @param offset where the record `from`, or the commit frame before it, begins
   * @returns the byte position after the last one
   */
  walk(
    from: number,
    offset: number,
    to: number,
    visit: (index: number, record: StoredRecord, offset: number) => void,
  ): number {
    let at = offset
    for (let index = from; index < to; ) {
      at = this.#skipCommit(at)
      const record = this.#record(at, WINDOW)
      visit(index++, record, at)
      at += record.length
    }
    return at
  }

  /** The record that begins at `offset`, or behind the commit frame there, and where it begins. */
  record(offset: number): { readonly record: StoredRecord; readonly offset: number } {
    const at = this.#skipCommit(offset)
    return { record: this.#record(at, NEAR), offset: at }
  }

  /** Where the record after the one at `offset` begins, or the commit frame before it. */
  next(offset: number): number {
    const at = this.#skipCommit(offset)
    return at + this.#lengthAt(at)
  }

  /**
   * Finds appends that became whole since: for readers beside a writer of another process. The offset may lie within an
   * append, where an index has come to.
   *
   * @param check `none` while records may be half overwritten
   * @returns entries and byte position after them
   */
  extend(
    count: number,
    offset: number,
    check: 'header' | 'none' = 'header',
  ): { readonly count: number; readonly offset: number } {
    const size = fstatSync(this.#fd).size
    let end = { count, offset }
    for (let window = WINDOW; ; ) {
      const length = Math.min(window, size - end.offset)
      if (length <= 0) return end
      const bytes = Buffer.allocUnsafe(length)
      const read = readSync(this.#fd, bytes, 0, length, end.offset)
      const appends = wholeAppends(bytes.subarray(0, read), this.segment.first + end.count, check)
      if (appends.bytes > 0) end = { count: end.count + appends.count, offset: end.offset + appends.bytes }
      else if (window >= size - end.offset || bytes.readUInt32BE(0) === 0) return end
      else window *= 4
    }
  }

  #skipCommit(at: number): number {
    const bytes = this.#load(at, COMMIT_BYTES, NEAR)
    const p = at - this.#at
    if (bytes[p + 8] !== COMMIT_KIND || readCommit(bytes, p) === undefined) return at
    return at + COMMIT_BYTES
  }

  #lengthAt(at: number): number {
    const bytes = this.#load(at, RECORD_PREFIX, NEAR)
    return bytes.readUInt32BE(at - this.#at) + 4
  }

  #record(at: number, ahead: number): StoredRecord {
    let bytes = this.#load(at, RECORD_PREFIX, ahead)
    const length = bytes.readUInt32BE(at - this.#at) + 4
    if (length > MAX_RECORD_BYTES) throw damaged(this.segment, at)
    bytes = this.#load(at, length, ahead)
    try {
      return readRecord(bytes, at - this.#at)
    } catch (cause) {
      throw damaged(this.segment, at, cause)
    }
  }

  /** Makes sure that `length` bytes at `at` are buffered. */
  #load(at: number, length: number, ahead: number): Buffer {
    if (at >= this.#at && at + length <= this.#at + this.#bytes.length) return this.#bytes
    const bytes = Buffer.allocUnsafe(Math.max(length, ahead))
    const read = readSync(this.#fd, bytes, 0, bytes.length, at)
    if (read < length) throw damaged(this.segment, at)
    this.#bytes = bytes.subarray(0, Math.min(read, Math.max(length, this.whole - at)))
    this.#at = at
    return this.#bytes
  }
}

function wholeAppends(
  bytes: Buffer,
  from: number,
  check: 'header' | 'none',
): { count: number; bytes: number } {
  let at = 0
  let count = 0
  for (;;) {
    const append = readAppend(bytes, at, from + count, at === 0 ? 'rest' : 'whole', check)
    if (typeof append === 'string') return { count, bytes: at }
    count += append.records.length
    at = append.end
  }
}

function damaged(segment: SegmentRef, at: number, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_CORRUPT', `${segment.path} is damaged at byte ${at}.`, {
    cause,
    hint: 'Run annals verify.',
  })
}
