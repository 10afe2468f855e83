import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync, crc32 } from 'node:zlib'
import { canonicalize } from '../../packages/tlog/src/index.ts'

// Sealed segments as an attacker writes them: with code of its own, by spec/log-v1.md section 16, right in every length and CRC.

/** A record of a sealed segment: whole, or thinned. */
export interface SealedForged {
  entry: string
  parts: { name: string; erased: boolean; keys: Buffer; bytes: Buffer }[]
  thinned?: { leaf: Buffer; retention: string }
}

/** A sealed segment taken apart. */
export interface SealedFile {
  head: { chunk: number; first: number }
  /** Time and id that the directory states for each block. */
  stated: { time: bigint; id: Buffer }[]
  records: SealedForged[]
}

/** Takes a sealed segment apart. */
export function readSealedFile(path: string): SealedFile {
  const bytes = readFileSync(path)
  const stated: SealedFile['stated'] = []
  const records: SealedForged[] = []
  for (let n = 0; n < bytes.readUInt32BE(40); n++) {
    const line = 64 + 48 * n
    const at = Number(bytes.readBigUInt64BE(line))
    stated.push({ time: bytes.readBigUInt64BE(line + 24), id: bytes.subarray(line + 32, line + 48) })
    records.push(...readBlock(brotliDecompressSync(bytes.subarray(at, at + bytes.readUInt32BE(line + 8)))))
  }
  const [chunk, first] = [Number(bytes.readBigUInt64BE(16)), Number(bytes.readBigUInt64BE(24))]
  return { head: { chunk, first }, stated, records }
}

function readBlock(bytes: Buffer): SealedForged[] {
  let p = 2
  const heads: { entry: number; lengths: number[]; record: SealedForged }[] = []
  for (let n = bytes.readUInt16BE(0); n > 0; n--) {
    const record: SealedForged = { entry: '', parts: [] }
    const lengths: number[] = []
    let entry = 0
    if (bytes[p] === 3) {
      const length = bytes.readUInt8(p + 33)
      record.thinned = {
        leaf: bytes.subarray(p + 1, p + 33),
        retention: bytes.toString('latin1', p + 34, p + 34 + length),
      }
      p += 34 + length
    } else {
      entry = bytes.readUInt16BE(p + 1)
      const count = bytes.readUInt8(p + 3)
      p += 4
      for (let i = 0; i < count; i++) {
        const end = p + 1 + bytes.readUInt8(p)
        const name = bytes.toString('latin1', p + 1, end)
        const keys = bytes.readUInt16BE(end + 1)
        record.parts.push({
          name,
          erased: bytes[end] === 1,
          keys: bytes.subarray(end + 3, end + 3 + 32 * keys),
          bytes: Buffer.alloc(0),
        })
        p = end + 3 + 32 * keys
        lengths.push(bytes.readUInt32BE(p))
        p += 4
      }
    }
    heads.push({ entry, lengths, record })
  }
  for (const { entry, record } of heads) {
    record.entry = bytes.toString('latin1', p, p + entry)
    p += entry
  }
  for (let i = 0; i < 255; i++) {
    for (const { lengths, record } of heads) {
      const length = lengths[i]
      const part = record.parts[i]
      if (length === undefined || part === undefined) continue
      part.bytes = bytes.subarray(p, p + length)
      p += length
    }
  }
  return heads.map(({ record }) => record)
}

/** Writes a sealed segment; `trailing` follows each Brotli stream within its block. */
export function writeSealedFile(
  path: string,
  { head, stated, records }: SealedFile,
  trailing: Buffer = Buffer.alloc(0),
): void {
  const blocks: { bytes: Buffer; raw: number }[] = []
  for (let at = 0; at < records.length; at += 128) {
    const raw = formatBlock(records.slice(at, at + 128))
    blocks.push({ bytes: Buffer.concat([brotliCompressSync(raw), trailing]), raw: raw.length })
  }
  const top = Buffer.alloc(64 + 48 * blocks.length + 4)
  top.write('annals-sealed/v1', 'latin1')
  top.writeBigUInt64BE(BigInt(head.chunk), 16)
  top.writeBigUInt64BE(BigInt(head.first), 24)
  top.writeBigUInt64BE(BigInt(head.first + records.length), 32)
  top.writeUInt32BE(blocks.length, 40)
  top.writeUInt32BE(crc32(top.subarray(0, 44)), 44)
  let at = top.length
  for (const [n, { bytes, raw }] of blocks.entries()) {
    const line = 64 + 48 * n
    top.writeBigUInt64BE(BigInt(at), line)
    top.writeUInt32BE(bytes.length, line + 8)
    top.writeUInt32BE(raw, line + 12)
    top.writeUInt32BE(crc32(bytes), line + 16)
    top.writeBigUInt64BE(stated[n]?.time ?? 0n, line + 24)
    stated[n]?.id.copy(top, line + 32)
    at += bytes.length
  }
  top.writeUInt32BE(crc32(top.subarray(64, top.length - 4)), top.length - 4)
  writeFileSync(path, Buffer.concat([top, ...blocks.map(({ bytes }) => bytes)]))
}

function formatBlock(records: readonly SealedForged[]): Buffer {
  const count = Buffer.alloc(2)
  count.writeUInt16BE(records.length)
  const most = Math.max(...records.map(record => record.parts.length))
  return Buffer.concat([
    count,
    ...records.map(formatHead),
    ...records.map(record => Buffer.from(record.entry, 'latin1')),
    ...Array.from({ length: most }, (_, i) =>
      records.map(record => record.parts[i]?.bytes ?? Buffer.alloc(0)),
    ).flat(),
  ])
}

function formatHead({ entry, parts, thinned }: SealedForged): Buffer {
  if (thinned !== undefined)
    return Buffer.concat([
      Buffer.of(3),
      thinned.leaf,
      Buffer.of(thinned.retention.length),
      Buffer.from(thinned.retention),
    ])
  const head = Buffer.alloc(4)
  head[0] = 1
  head.writeUInt16BE(entry.length, 1)
  head[3] = parts.length
  const formatted = parts.map(({ name, erased, keys, bytes }) => {
    const fixed = Buffer.alloc(3)
    fixed[0] = erased ? 1 : 0
    fixed.writeUInt16BE(keys.length / 32, 1)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([Buffer.of(name.length), Buffer.from(name), fixed, keys, length])
  })
  return Buffer.concat([head, ...formatted])
}

/** Writes the spine that stands for a dropped segment. */
export function writeSpineFile(path: string, chunk: number, first: number, leaves: readonly Buffer[]): void {
  const top = Buffer.alloc(64)
  top.write('annals-spine/v1\0', 'latin1')
  top.writeBigUInt64BE(BigInt(chunk), 16)
  top.writeBigUInt64BE(BigInt(first), 24)
  top.writeBigUInt64BE(BigInt(first + leaves.length), 32)
  top.writeUInt32BE(crc32(top.subarray(0, 40)), 40)
  writeFileSync(path, Buffer.concat([top, ...leaves]))
}

/** Alters a file of canonical JSON. */
export function alterJson(path: string, alter: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  alter(value)
  writeFileSync(path, canonicalize(value))
}
