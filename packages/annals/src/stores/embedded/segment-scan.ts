import { COMMIT_BYTES, findCommit, readCommit } from '../../log/commit-frame.ts'
import { readRecord, type StoredRecord } from '../../log/record-bytes.ts'
import { parseSegmentHead, SEGMENT_HEADER, type SegmentHead } from './segment-file.ts'

/** What follows the last whole append of a segment. */
export type Tail =
  /** Zeros to the end, or nothing. */
  | { readonly kind: 'clean' }
  /** An append that a crash cut short: nothing in it was acknowledged. */
  | { readonly kind: 'torn'; readonly bytes: number }
  /** Damage: a later append is whole, so this one was too. */
  | { readonly kind: 'damaged'; readonly reason: string }

/** What a scan found. */
export interface Scan {
  readonly head: SegmentHead
  /** Entries of whole appends. */
  readonly count: number
  /** Byte position after the last whole append. */
  readonly end: number
  readonly tail: Tail
}

/** The header of a segment is damaged. */
export class SegmentHeadError extends Error {
  override readonly name = 'SegmentHeadError'
}

/**
 * Walks the appends of a segment. An append counts only when its commit frame is there and agrees with its records; records
 * are handed out then.
 *
 * @param visit called for every record of a whole append, with its position and offset
 * @throws SegmentHeadError
 */
export function scanSegment(
  bytes: Buffer,
  visit?: (index: number, record: StoredRecord, offset: number) => void,
): Scan {
  const head = parseSegmentHead(bytes)
  if (head === undefined) throw new SegmentHeadError('the header of the segment is damaged')
  let end = SEGMENT_HEADER
  let count = 0
  for (;;) {
    const append = readAppend(bytes, end, head.first + count)
    if (typeof append === 'string')
      return { head, count, end, tail: tailAt(bytes, end, head.first + count, append) }
    if (visit !== undefined) {
      let index = head.first + count
      for (const { record, offset } of append.records) visit(index++, record, offset)
    }
    count += append.records.length
    end = append.end
  }
}

interface Append {
  readonly records: readonly { readonly record: StoredRecord; readonly offset: number }[]
  readonly end: number
}

/**
 * The append that begins at `at`, or why there is none.
 *
 * @param within the reading may begin within an append, at the record `from` or at its commit frame
 * @param check `none` while records may be half overwritten: their lengths hold all the same
 */
export function readAppend(
  bytes: Buffer,
  at: number,
  from: number,
  within: 'whole' | 'rest' = 'whole',
  check: 'header' | 'none' = 'header',
): Append | string {
  const records: { record: StoredRecord; offset: number }[] = []
  let p = at
  for (;;) {
    const commit = readCommit(bytes, p)
    if (commit !== undefined) {
      const agrees =
        within === 'rest' && commit.from < from
          ? commit.from + commit.count === from + records.length
          : records.length > 0 &&
            commit.from === from &&
            commit.count === records.length &&
            commit.bytes === p - at
      return agrees
        ? { records, end: p + COMMIT_BYTES }
        : 'a commit frame that does not agree with its records'
    }
    try {
      const record = readRecord(bytes, p, check)
      records.push({ record, offset: p })
      p += record.length
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
}

function tailAt(bytes: Buffer, end: number, size: number, reason: string): Tail {
  let last = bytes.length
  while (last > end && bytes[last - 1] === 0) last--
  if (last === end) return { kind: 'clean' }
  for (let at = findCommit(bytes, end); at >= 0; at = findCommit(bytes, at + 1)) {
    const commit = readCommit(bytes, at)
    // The frame of the torn append itself begins at `size`; with one append in flight a later one proves damage.
    if (commit !== undefined && commit.from !== size)
      return { kind: 'damaged', reason: `${reason}, and whole appends follow` }
  }
  return { kind: 'torn', bytes: last - end }
}
