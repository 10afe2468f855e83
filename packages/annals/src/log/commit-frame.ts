import { crc32 } from 'node:zlib'

/*
 * A commit frame ends each append, `spec/log-v1.md` section "Segment":
 *   u32be length of all that follows (28)   u32be CRC-32 of the rest
 *   u8 kind=2   "ANNALSC"   u64be first position   u32be count   u32be bytes of the records
 */

/** Bytes of a commit frame. */
export const COMMIT_BYTES = 32
/** Kind byte of a commit frame. */
export const COMMIT_KIND = 2
const MAGIC = 'ANNALSC'

/** What a commit frame says: these positions, in this many bytes before it, were appended together. */
export interface Commit {
  readonly from: number
  readonly count: number
  readonly bytes: number
}

/** Writes a commit frame at `at`; returns its end. */
export function writeCommit(into: Buffer, at: number, commit: Commit): number {
  into.writeUInt32BE(COMMIT_BYTES - 4, at)
  into[at + 8] = COMMIT_KIND
  into.write(MAGIC, at + 9, 'latin1')
  into.writeBigUInt64BE(BigInt(commit.from), at + 16)
  into.writeUInt32BE(commit.count, at + 24)
  into.writeUInt32BE(commit.bytes, at + 28)
  into.writeUInt32BE(crc32(into.subarray(at + 8, at + COMMIT_BYTES)), at + 4)
  return at + COMMIT_BYTES
}

/** Reads the commit frame at `at`; undefined when there is no whole and undamaged one. */
export function readCommit(from: Buffer, at: number): Commit | undefined {
  if (at < 0 || at + COMMIT_BYTES > from.length) return undefined
  if (from.readUInt32BE(at) !== COMMIT_BYTES - 4 || from[at + 8] !== COMMIT_KIND) return undefined
  if (from.toString('latin1', at + 9, at + 16) !== MAGIC) return undefined
  if (crc32(from.subarray(at + 8, at + COMMIT_BYTES)) !== from.readUInt32BE(at + 4)) return undefined
  return {
    from: Number(from.readBigUInt64BE(at + 16)),
    count: from.readUInt32BE(at + 24),
    bytes: from.readUInt32BE(at + 28),
  }
}

/** Position of the next commit frame's start at or after `at`, or -1. For telling a torn tail from damage. */
export function findCommit(from: Buffer, at: number): number {
  for (
    let found = from.indexOf(MAGIC, at + 9, 'latin1');
    found >= 0;
    found = from.indexOf(MAGIC, found + 1, 'latin1')
  ) {
    if (readCommit(from, found - 9) !== undefined) return found - 9
  }
  return -1
}
