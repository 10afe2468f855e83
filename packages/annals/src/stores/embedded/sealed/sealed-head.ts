import { crc32 } from 'node:zlib'

/*
 * Begin of a sealed segment, `spec/log-v1.md` section 16:
 *   16 "annals-sealed/v1"   u64be chunk lo   u64be first   u64be position after the last   u32be blocks   u32be CRC-32   16 zeros
 *   48 × blocks: u64be position in the file   u32be length   u32be raw length   u32be CRC-32   4 zeros   u64be time   16 id
 *   u32be CRC-32 of the directory
 */

/** Records of a block; the last block of a segment has what is left. */
export const BLOCK_RECORDS = 128
/** Bytes of the header. */
export const SEALED_HEADER = 64
/** Bytes of one line of the directory. */
export const BLOCK_LINE = 48

const MAGIC = 'annals-sealed/v1'

/** Bytes that are no sealed segment or spine: damaged, or cut short. */
export class SealedError extends Error {
  override readonly name = 'SealedError'
}

/** What a sealed segment holds. */
export interface SealedHead {
  /** First position of the chunk. */
  readonly chunk: number
  /** First position. */
  readonly first: number
  /** Position after the last. */
  readonly end: number
}

/** Where a block lies, and what was at its first position when the segment was sealed. */
export interface BlockLine {
  /** Byte position in the file. */
  readonly at: number
  readonly length: number
  /** Length when decompressed. */
  readonly raw: number
  /** CRC-32 of the block as it lies in the file. */
  readonly crc: number
  /** `recordedAt` of the first position, ms. */
  readonly time: number
  /** Id of the first position. */
  readonly id: string
}

/** Blocks of so many records. */
export function blockCount(records: number): number {
  return Math.ceil(records / BLOCK_RECORDS)
}

/** Bytes before the first block. */
export function blocksBegin(blocks: number): number {
  return SEALED_HEADER + BLOCK_LINE * blocks + 4
}

/** Header and directory of a sealed segment. */
export function formatSealedHead(head: SealedHead, directory: readonly BlockLine[]): Buffer {
  const bytes = Buffer.alloc(blocksBegin(directory.length))
  bytes.write(MAGIC, 'latin1')
  bytes.writeBigUInt64BE(BigInt(head.chunk), 16)
  bytes.writeBigUInt64BE(BigInt(head.first), 24)
  bytes.writeBigUInt64BE(BigInt(head.end), 32)
  bytes.writeUInt32BE(directory.length, 40)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 44)), 44)
  let p = SEALED_HEADER
  for (const line of directory) {
    bytes.writeBigUInt64BE(BigInt(line.at), p)
    bytes.writeUInt32BE(line.length, p + 8)
    bytes.writeUInt32BE(line.raw, p + 12)
    bytes.writeUInt32BE(line.crc, p + 16)
    bytes.writeBigUInt64BE(BigInt(line.time), p + 24)
    bytes.write(line.id.replaceAll('-', ''), p + 32, 16, 'hex')
    p += BLOCK_LINE
  }
  bytes.writeUInt32BE(crc32(bytes.subarray(SEALED_HEADER, p)), p)
  return bytes
}

/**
 * Reads a header, 64 bytes.
 *
 * @throws SealedError
 */
export function parseSealedHead(bytes: Buffer): SealedHead & { readonly blocks: number } {
  if (bytes.length < SEALED_HEADER || bytes.toString('latin1', 0, 16) !== MAGIC)
    throw new SealedError('the header of the sealed segment is damaged')
  const head = {
    chunk: Number(bytes.readBigUInt64BE(16)),
    first: Number(bytes.readBigUInt64BE(24)),
    end: Number(bytes.readBigUInt64BE(32)),
    blocks: bytes.readUInt32BE(40),
  }
  if (
    crc32(bytes.subarray(0, 44)) !== bytes.readUInt32BE(44) ||
    bytes.subarray(48, SEALED_HEADER).some(b => b !== 0) ||
    !(head.chunk <= head.first && head.first < head.end && head.end <= Number.MAX_SAFE_INTEGER) ||
    head.blocks !== blockCount(head.end - head.first)
  )
    throw new SealedError('the header of the sealed segment is damaged')
  return head
}

/**
 * Reads a directory with the CRC behind it.
 *
 * @param size bytes of the whole file: the blocks fill it, back to back
 * @throws SealedError
 */
export function parseDirectory(bytes: Buffer, blocks: number, size: number): readonly BlockLine[] {
  const length = BLOCK_LINE * blocks
  if (bytes.length < length + 4 || crc32(bytes.subarray(0, length)) !== bytes.readUInt32BE(length))
    throw new SealedError('the directory of the sealed segment is damaged')
  const lines: BlockLine[] = []
  let next = blocksBegin(blocks)
  for (let p = 0; p < length; p += BLOCK_LINE) {
    const line = {
      at: Number(bytes.readBigUInt64BE(p)),
      length: bytes.readUInt32BE(p + 8),
      raw: bytes.readUInt32BE(p + 12),
      crc: bytes.readUInt32BE(p + 16),
      time: Number(bytes.readBigUInt64BE(p + 24)),
      id: uuidText(bytes.toString('hex', p + 32, p + 48)),
    }
    if (line.at !== next || bytes.readUInt32BE(p + 20) !== 0)
      throw new SealedError('the directory of the sealed segment is damaged')
    next += line.length
    lines.push(line)
  }
  if (next !== size) throw new SealedError('the sealed segment is not as long as its directory says')
  return lines
}

function uuidText(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
