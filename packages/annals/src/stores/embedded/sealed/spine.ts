import { crc32 } from 'node:zlib'
import { SealedError, type SealedHead } from './sealed-head.ts'

/*
 * A spine, `spec/log-v1.md` section 16:
 *   16 "annals-spine/v1\0"   u64be chunk lo   u64be first   u64be position after the last   u32be CRC-32   20 zeros
 *   then 32 bytes of leaf hash for each position
 */

/** Bytes of the header. */
export const SPINE_HEADER = 64
const MAGIC = 'annals-spine/v1\0'

/** Header bytes of a spine. */
export function formatSpineHead(head: SealedHead): Buffer {
  const bytes = Buffer.alloc(SPINE_HEADER)
  bytes.write(MAGIC, 'latin1')
  bytes.writeBigUInt64BE(BigInt(head.chunk), 16)
  bytes.writeBigUInt64BE(BigInt(head.first), 24)
  bytes.writeBigUInt64BE(BigInt(head.end), 32)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 40)), 40)
  return bytes
}

/**
 * Reads a header.
 *
 * @param size bytes of the whole file
 * @throws SealedError
 */
export function parseSpineHead(bytes: Buffer, size: number): SealedHead {
  if (
    bytes.length < SPINE_HEADER ||
    bytes.toString('latin1', 0, 16) !== MAGIC ||
    crc32(bytes.subarray(0, 40)) !== bytes.readUInt32BE(40) ||
    bytes.subarray(44, SPINE_HEADER).some(b => b !== 0)
  )
    throw new SealedError('the header of the spine is damaged')
  const head = {
    chunk: Number(bytes.readBigUInt64BE(16)),
    first: Number(bytes.readBigUInt64BE(24)),
    end: Number(bytes.readBigUInt64BE(32)),
  }
  if (
    !(head.chunk <= head.first && head.first < head.end) ||
    size !== SPINE_HEADER + 32 * (head.end - head.first)
  )
    throw new SealedError('the spine is not as long as its header says')
  return head
}
