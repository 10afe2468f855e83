import { brotliCompressSync, constants } from 'node:zlib'
import {
  ERASED_FLAG,
  type KeyRef,
  RECORD_KIND,
  THINNED_KIND,
  type Thinned,
} from '../../../log/record-bytes.ts'
import { BLOCK_RECORDS } from './sealed-head.ts'

/*
 * A block of a sealed segment before compression, `spec/log-v1.md` section 16:
 *
 *   u16be records
 *   per record: u8 kind
 *     kind 1: u16be length of the entry ‖ u8 parts ‖ per part u8 length ‖ name ‖ u8 flags ‖ u16be keys ‖ keys × 32 ‖ u32be length
 *     kind 3: 32 leaf hash ‖ u8 length ‖ class
 *   the entries, then the bytes of every first part, of every second part, and so on
 *
 * What is alike stands together, which is what makes it small.
 */

/** A part as a sealed segment keeps it; `bytes` is null once erased. */
export interface SealedPart {
  readonly name: string
  readonly keys: readonly KeyRef[]
  readonly bytes: Uint8Array | null
}

/** What a sealed segment keeps of a record; every stored record is one. */
export interface SealedRecord {
  readonly entry: Uint8Array
  /** Sorted by name. */
  readonly parts: readonly SealedPart[]
  /** What is left of an entry past its retention, which then has no parts. */
  readonly thinned?: Thinned | undefined
}

/** Higher qualities cost several times as much and gain few percent. */
const QUALITY = 5
/** A window of 1 MiB: more than a block of ordinary events. */
const WINDOW = 20

/** The bytes of up to 128 records before compression. */
export function encodeBlock(records: readonly SealedRecord[]): Buffer {
  if (records.length === 0 || records.length > BLOCK_RECORDS)
    throw new RangeError(`a block has 1 to ${BLOCK_RECORDS} records`)
  const { bytes, most } = measure(records)
  const into = Buffer.allocUnsafe(bytes)
  let p = into.writeUInt16BE(records.length, 0)
  for (const record of records) p = writeHead(into, p, record)
  for (const { thinned, entry } of records) {
    if (thinned !== undefined) continue
    into.set(entry, p)
    p += entry.length
  }
  for (let column = 0; column < most; column++) {
    for (const { parts } of records) {
      const part = parts[column]
      if (part === undefined || part.bytes === null) continue
      into.set(part.bytes, p)
      p += part.bytes.length
    }
  }
  return into
}

/** The Brotli stream of a block. */
export function compressBlock(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
}

function measure(records: readonly SealedRecord[]): { readonly bytes: number; readonly most: number } {
  let bytes = 2
  let most = 0
  for (const { thinned, entry, parts } of records) {
    if (thinned !== undefined) {
      bytes += 34 + thinned.retention.length
      continue
    }
    bytes += 4 + entry.length
    most = Math.max(most, parts.length)
    for (const part of parts) {
      bytes += 8 + part.name.length
      if (part.bytes !== null) bytes += part.keys.length * 32 + part.bytes.length
    }
  }
  return { bytes, most }
}

function writeHead(into: Buffer, at: number, { thinned, entry, parts }: SealedRecord): number {
  let p = at
  if (thinned !== undefined) {
    into[p++] = THINNED_KIND
    into.set(thinned.leaf.subarray(0, 32), p)
    p += 32
    into[p++] = thinned.retention.length
    return p + into.write(thinned.retention, p, 'latin1')
  }
  into[p++] = RECORD_KIND
  p = into.writeUInt16BE(entry.length, p)
  into[p++] = parts.length
  for (const { name, keys, bytes } of parts) {
    into[p++] = name.length
    p += into.write(name, p, 'latin1')
    into[p++] = bytes === null ? ERASED_FLAG : 0
    // Of an erased part nothing stays: neither whose it was nor how long.
    const refs = bytes === null ? [] : keys
    p = into.writeUInt16BE(refs.length, p)
    for (const { id, tag } of refs) {
      p += into.write(id, p, 16, 'latin1')
      p += into.write(tag, p, 16, 'latin1')
    }
    p = into.writeUInt32BE(bytes?.length ?? 0, p)
  }
  return p
}
