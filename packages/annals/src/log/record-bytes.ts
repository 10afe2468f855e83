import { crc32 } from 'node:zlib'
import type { PartText } from './parts.ts'

/*
 * A stored record, `spec/log-v1.md` section "Segment":
 *
 *   u32be length of all that follows     u32be CRC-32 of the header
 *   header: u8 kind=1 ‖ u16be length ‖ entry ‖ u8 parts ‖ per part
 *           u8 length ‖ name ‖ u8 flags (1 = erased) ‖ u16be keys ‖ keys × (16 key id ‖ 16 person tag) ‖ u32be length ‖ u32be CRC-32
 *   then the bytes of the parts, in the same order
 *
 * A thinned record, in sealed chunks only, has the header u8 kind=3 ‖ 32 leaf hash ‖ u8 length ‖ class, and nothing after it.
 *
 * CRCs find torn writes only; integrity is the tree's.
 */

/** Kind byte of a record. */
export const RECORD_KIND = 1
/** Kind byte of a record whose entry was thinned to its leaf hash. */
export const THINNED_KIND = 3
/** Flag of a part whose bytes were erased and are zeros. */
export const ERASED_FLAG = 1
/** Bytes before the header: length and CRC. */
export const RECORD_PREFIX = 8
/** Most bytes one record may have; larger lengths are damage. */
export const MAX_RECORD_BYTES: number = 8 * 1024 * 1024

/** A subject key as a record refers to it, both 16 bytes in latin1: the key's id, and the keyed tag of the person it is for. */
export interface KeyRef {
  readonly id: string
  readonly tag: string
}

/** A part of a stored record. `bytes` is a view into the buffer that was read; null once erased. */
export interface RecordPart {
  readonly name: string
  readonly keys: readonly KeyRef[]
  readonly bytes: Buffer | null
  /** Length of the bytes, also of erased ones. */
  readonly length: number
}

/** What is left of an entry past its retention. */
export interface Thinned {
  /** Leaf hash, 32 bytes. */
  readonly leaf: Buffer
  readonly retention: string
}

/** A stored record, its bytes being views into the buffer that was read. */
export interface StoredRecord {
  /** Bytes of the entry; none when it was thinned. */
  readonly entry: Buffer
  readonly parts: readonly RecordPart[]
  /** Set when retention has thinned the entry: what is left of it. */
  readonly thinned?: Thinned | undefined
  /** Length of the whole record. */
  readonly length: number
  /** The whole record. */
  readonly bytes: Buffer
}

/** Most bytes that a record of these texts can take. */
export function recordBound(entry: string, parts: readonly PartText[], keys: number): number {
  let bound = RECORD_PREFIX + 4 + entry.length + keys * 32
  for (const part of parts) bound += 12 + part.name.length + part.json.length * 3
  return bound
}

/** Where the bytes of one part lie, already encoded. */
export interface EncodedPart {
  readonly name: string
  readonly keys: readonly KeyRef[]
  readonly bytes: Uint8Array
}

/** Writes a record at `at`; returns its end. The caller has made sure of the room. */
export function writeRecord(into: Buffer, at: number, entry: string, parts: readonly EncodedPart[]): number {
  let p = at + RECORD_PREFIX
  into[p++] = RECORD_KIND
  p = writeU16(into, p, entry.length)
  p += into.write(entry, p, 'latin1')
  into[p++] = parts.length
  for (const part of parts) {
    into[p++] = part.name.length
    p += into.write(part.name, p, 'latin1')
    into[p++] = 0
    p = writeU16(into, p, part.keys.length)
    for (const key of part.keys) {
      p += into.write(key.id, p, 16, 'latin1')
      p += into.write(key.tag, p, 16, 'latin1')
    }
    p = into.writeUInt32BE(part.bytes.length, p)
    p = into.writeUInt32BE(crc32(part.bytes), p)
  }
  const headerEnd = p
  for (const part of parts) {
    into.set(part.bytes, p)
    p += part.bytes.length
  }
  into.writeUInt32BE(p - at - 4, at)
  into.writeUInt32BE(crc32(into.subarray(at + RECORD_PREFIX, headerEnd)), at + 4)
  return p
}

function writeU16(into: Buffer, at: number, value: number): number {
  return into.writeUInt16BE(value, at)
}

/** Writes the record of a thinned entry at `at`; returns its end. */
export function writeThinned(into: Buffer, at: number, { leaf, retention }: Thinned): number {
  let p = at + RECORD_PREFIX
  into[p++] = THINNED_KIND
  p += leaf.copy(into, p, 0, 32)
  into[p++] = retention.length
  p += into.write(retention, p, 'latin1')
  into.writeUInt32BE(p - at - 4, at)
  into.writeUInt32BE(crc32(into.subarray(at + RECORD_PREFIX, p)), at + 4)
  return p
}

/** Bytes that are no record: damaged, or cut short. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
}

/**
 * Reads the record at `at`. With `check`, the CRCs of header and parts are compared; a part that fails its own CRC is
 * still returned when only `header` is checked, since the tree decides what was altered.
 *
 * @throws RecordError
 */
export function readRecord(
  from: Buffer,
  at: number,
  check: 'all' | 'header' | 'none' = 'none',
): StoredRecord {
  if (at + RECORD_PREFIX > from.length) throw new RecordError('cut short')
  const length = from.readUInt32BE(at) + 4
  const end = at + length
  if (length < RECORD_PREFIX + 4 || length > MAX_RECORD_BYTES || end > from.length)
    throw new RecordError('impossible length')
  let p = at + RECORD_PREFIX
  const need = (bytes: number): void => {
    if (p + bytes > end) throw new RecordError('header runs over its record')
  }
  const kind = from[p++]
  if (kind === THINNED_KIND) return readThinned(from, at, end, check)
  if (kind !== RECORD_KIND) throw new RecordError('no record here')
  const entryLength = from.readUInt16BE(p)
  p += 2
  need(entryLength + 1)
  const entry = from.subarray(p, p + entryLength)
  p += entryLength
  const count = from[p++] as number
  const heads: { name: string; keys: KeyRef[]; erased: boolean; length: number; crc: number }[] = []
  for (let i = 0; i < count; i++) {
    need(1)
    const nameLength = from[p++] as number
    need(nameLength + 3)
    const name = from.toString('latin1', p, p + nameLength)
    p += nameLength
    const flags = from[p++] as number
    if (flags > ERASED_FLAG) throw new RecordError('unknown flag')
    const keyCount = from.readUInt16BE(p)
    p += 2
    need(keyCount * 32 + 8)
    const keys: KeyRef[] = []
    for (let k = 0; k < keyCount; k++, p += 32)
      keys.push({ id: from.toString('latin1', p, p + 16), tag: from.toString('latin1', p + 16, p + 32) })
    heads.push({
      name,
      keys,
      erased: flags === ERASED_FLAG,
      length: from.readUInt32BE(p),
      crc: from.readUInt32BE(p + 4),
    })
    p += 8
  }
  if (check !== 'none' && crc32(from.subarray(at + RECORD_PREFIX, p)) !== from.readUInt32BE(at + 4)) {
    throw new RecordError('header does not match its CRC')
  }
  const parts: RecordPart[] = []
  for (const head of heads) {
    need(head.length)
    const bytes = from.subarray(p, p + head.length)
    if (check === 'all' && crc32(bytes) !== head.crc)
      throw new RecordError(`part ${head.name} does not match its CRC`)
    parts.push({ name: head.name, keys: head.keys, bytes: head.erased ? null : bytes, length: head.length })
    p += head.length
  }
  if (p !== end) throw new RecordError('length does not match its parts')
  return { entry, parts, length, bytes: from.subarray(at, end) }
}

function readThinned(from: Buffer, at: number, end: number, check: string): StoredRecord {
  const p = at + RECORD_PREFIX + 1
  const name = p + 33
  if (name > end || name + (from[p + 32] as number) !== end)
    throw new RecordError('length does not match its header')
  if (check !== 'none' && crc32(from.subarray(at + RECORD_PREFIX, end)) !== from.readUInt32BE(at + 4))
    throw new RecordError('header does not match its CRC')
  const thinned = { leaf: from.subarray(p, p + 32), retention: from.toString('latin1', name, end) }
  return { entry: NOTHING, parts: [], thinned, length: end - at, bytes: from.subarray(at, end) }
}

const NOTHING: Buffer = Buffer.alloc(0)
