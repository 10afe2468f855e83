import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { positionName } from './layout.ts'

/*
 * Header of a segment file, 64 bytes, `spec/log-v1.md` section "Segment":
 *   16 "annals-seg/v1\0\0\0"   u64be chunk lo   u64be first position   u32be CRC-32 of these   28 zeros
 */

/** Bytes of the header. */
export const SEGMENT_HEADER = 64
const MAGIC = 'annals-seg/v1\0\0\0'

/** Identity of a segment. */
export interface SegmentHead {
  /** First position of the chunk. */
  readonly chunk: number
  /** First position of the segment. */
  readonly first: number
}

/** A segment on disk. */
export interface SegmentRef {
  readonly first: number
  /** Name of the chunk's directory. */
  readonly chunk: string
  /** Path of the `.seg` file. */
  readonly path: string
  /** Path of its search index. */
  readonly index: string
}

/** Header bytes of a segment. */
export function formatSegmentHead(head: SegmentHead): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER)
  bytes.write(MAGIC, 'latin1')
  bytes.writeBigUInt64BE(BigInt(head.chunk), 16)
  bytes.writeBigUInt64BE(BigInt(head.first), 24)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 32)), 32)
  return bytes
}

/** Reads a header; undefined when it is damaged or not whole. */
export function parseSegmentHead(bytes: Buffer): SegmentHead | undefined {
  if (bytes.length < SEGMENT_HEADER || bytes.toString('latin1', 0, 16) !== MAGIC) return undefined
  if (crc32(bytes.subarray(0, 32)) !== bytes.readUInt32BE(32)) return undefined
  if (bytes.subarray(36, SEGMENT_HEADER).some(b => b !== 0)) return undefined
  return { chunk: Number(bytes.readBigUInt64BE(16)), first: Number(bytes.readBigUInt64BE(24)) }
}

/** Path parts of the segment that begins at a position. */
export function segmentRef(chunks: string, chunk: string, first: number): SegmentRef {
  const stem = join(chunks, chunk, positionName(first))
  return { first, chunk, path: `${stem}.seg`, index: `${stem}.idx` }
}

/** Every segment below the chunks directory, by position. */
export function listSegments(chunks: string): SegmentRef[] {
  const found: SegmentRef[] = []
  let directories: string[]
  try {
    directories = readdirSync(chunks)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  for (const chunk of directories) {
    let names: string[]
    try {
      names = readdirSync(join(chunks, chunk))
    } catch (error) {
      if (
        (error as NodeJS.ErrnoException).code === 'ENOTDIR' ||
        (error as NodeJS.ErrnoException).code === 'ENOENT'
      )
        continue
      throw error
    }
    for (const name of names) {
      const match = /^(\d{12,16})\.seg$/.exec(name)
      if (match !== null) found.push(segmentRef(chunks, chunk, Number(match[1])))
    }
  }
  return found.sort((a, b) => a.first - b.first)
}
