import { brotliDecompressSync, crc32 } from 'node:zlib'
import {
  ERASED_FLAG,
  type KeyRef,
  RECORD_KIND,
  RECORD_PREFIX,
  readRecord,
  type StoredRecord,
  THINNED_KIND,
  writeThinned,
} from '../../../log/record-bytes.ts'
import { type BlockLine, SealedError } from './sealed-head.ts'

/** Records of a block in the encoding of record-bytes.ts, back to back. */
export class DecodedBlock {
  readonly bytes: Buffer
  /** Where each record begins; one more for the end. */
  readonly #starts: readonly number[]

  constructor(bytes: Buffer, starts: readonly number[]) {
    this.bytes = bytes
    this.#starts = starts
  }

  get count(): number {
    return this.#starts.length - 1
  }

  /** The record at a row of the block. */
  record(row: number): StoredRecord {
    return readRecord(this.bytes, this.#starts[row] as number)
  }
}

/**
 * The block that a line of the directory names, from its bytes in the file.
 *
 * @param count records that it must hold
 * @throws SealedError
 */
export function openBlock(stored: Buffer, line: BlockLine, count: number): DecodedBlock {
  if (stored.length !== line.length || crc32(stored) !== line.crc)
    throw new SealedError('a block does not match its CRC')
  const block = decodeBlock(decompress(stored, line.raw))
  if (block.count !== count) throw new SealedError(`a block holds ${block.count} records, not ${count}`)
  return block
}

function decompress(stored: Buffer, raw: number): Buffer {
  let result: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }
  try {
    // What it says of its length bounds what it may become.
    result = brotliDecompressSync(stored, { maxOutputLength: Math.max(1, raw), info: true }) as never
  } catch (cause) {
    throw new SealedError('a block is no Brotli stream of its length', { cause })
  }
  if (result.buffer.length !== raw || result.engine.bytesWritten !== stored.length)
    throw new SealedError('a block has another length than the directory says')
  return result.buffer
}

interface PartHead {
  readonly name: string
  readonly erased: boolean
  readonly keys: readonly KeyRef[]
  readonly length: number
  /** Where its bytes begin in the block. */
  at: number
}

interface RecordHead {
  readonly thinned: { readonly leaf: Buffer; readonly retention: string } | undefined
  readonly entryLength: number
  /** Where the entry begins in the block. */
  entryAt: number
  readonly parts: readonly PartHead[]
}

/**
 * Reads a decompressed block.
 *
 * @throws SealedError
 */
export function decodeBlock(block: Buffer): DecodedBlock {
  const reader = new HeadReader(block)
  const count = reader.u16()
  const heads: RecordHead[] = []
  for (let i = 0; i < count; i++) heads.push(readHead(reader))
  place(heads, reader.at, block.length)
  return writeRecords(block, heads)
}

function readHead(reader: HeadReader): RecordHead {
  const kind = reader.u8()
  if (kind === THINNED_KIND) {
    const leaf = reader.take(32)
    return { thinned: { leaf, retention: reader.text(reader.u8()) }, entryLength: 0, entryAt: 0, parts: [] }
  }
  if (kind !== RECORD_KIND) throw new SealedError('a record of an unknown kind')
  const entryLength = reader.u16()
  const parts: PartHead[] = []
  for (let left = reader.u8(); left > 0; left--) {
    const name = reader.text(reader.u8())
    const flags = reader.u8()
    if (flags > ERASED_FLAG) throw new SealedError('a part with an unknown flag')
    const erased = flags === ERASED_FLAG
    const keys: KeyRef[] = []
    for (let refs = reader.u16(); refs > 0; refs--) keys.push({ id: reader.text(16), tag: reader.text(16) })
    const length = reader.u32()
    if (erased && (keys.length > 0 || length > 0)) throw new SealedError('an erased part that is not empty')
    parts.push({ name, erased, keys, length, at: 0 })
  }
  return { thinned: undefined, entryLength, entryAt: 0, parts }
}

/** Says where entries and parts lie: entries first, then one part of each record after the other. */
function place(heads: readonly RecordHead[], from: number, end: number): void {
  let p = from
  let most = 0
  for (const head of heads) {
    head.entryAt = p
    p += head.entryLength
    most = Math.max(most, head.parts.length)
  }
  for (let column = 0; column < most; column++) {
    for (const head of heads) {
      const part = head.parts[column]
      if (part === undefined) continue
      part.at = p
      p += part.length
    }
  }
  if (p !== end) throw new SealedError('a block is not as long as its records')
}

function writeRecords(block: Buffer, heads: readonly RecordHead[]): DecodedBlock {
  const starts: number[] = []
  let size = 0
  for (const head of heads) {
    starts.push(size)
    size += recordLength(head)
  }
  starts.push(size)
  const into = Buffer.allocUnsafe(size)
  for (const [i, head] of heads.entries()) writeOne(into, starts[i] as number, block, head)
  return new DecodedBlock(into, starts)
}

function recordLength({ thinned, entryLength, parts }: RecordHead): number {
  if (thinned !== undefined) return RECORD_PREFIX + 34 + thinned.retention.length
  let length = RECORD_PREFIX + 4 + entryLength
  for (const part of parts) length += 12 + part.name.length + 32 * part.keys.length + part.length
  return length
}

function writeOne(
  into: Buffer,
  at: number,
  block: Buffer,
  { thinned, entryAt, entryLength, parts }: RecordHead,
): void {
  if (thinned !== undefined) {
    writeThinned(into, at, thinned)
    return
  }
  let p = at + RECORD_PREFIX
  into[p++] = RECORD_KIND
  p = into.writeUInt16BE(entryLength, p)
  p += block.copy(into, p, entryAt, entryAt + entryLength)
  into[p++] = parts.length
  for (const { name, erased, keys, at: bytesAt, length } of parts) {
    into[p++] = name.length
    p += into.write(name, p, 'latin1')
    into[p++] = erased ? ERASED_FLAG : 0
    p = into.writeUInt16BE(keys.length, p)
    for (const { id, tag } of keys) {
      p += into.write(id, p, 16, 'latin1')
      p += into.write(tag, p, 16, 'latin1')
    }
    p = into.writeUInt32BE(length, p)
    p = into.writeUInt32BE(crc32(block.subarray(bytesAt, bytesAt + length)), p)
  }
  const headerEnd = p
  for (const part of parts) p += block.copy(into, p, part.at, part.at + part.length)
  into.writeUInt32BE(p - at - 4, at)
  into.writeUInt32BE(crc32(into.subarray(at + RECORD_PREFIX, headerEnd)), at + 4)
}

/** Takes fields off the front of a block. */
class HeadReader {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  u8(): number {
    return this.take(1)[0] as number
  }

  u16(): number {
    return this.take(2).readUInt16BE(0)
  }

  u32(): number {
    return this.take(4).readUInt32BE(0)
  }

  text(length: number): string {
    return this.take(length).toString('latin1')
  }

  take(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.at, this.at + length)
    if (bytes.length !== length) throw new SealedError('a block is cut short')
    this.at += length
    return bytes
  }
}
