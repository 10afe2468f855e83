import { crc32 } from 'node:zlib'
import {
  ERASED_FLAG,
  RECORD_KIND,
  RECORD_PREFIX,
  type StoredRecord,
  writeThinned,
} from '../../../log/record-bytes.ts'
import type { SealedRecord } from './encode-block.ts'

/** A record as decoding a sealed segment gives it back: in the encoding of record-bytes.ts, erased parts without length or keys. */
export function storedForm(record: SealedRecord): Buffer {
  const { thinned, entry, parts } = record
  const { bytes: stored } = record as StoredRecord
  if (stored !== undefined && parts.every(part => part.bytes !== null)) return stored
  if (thinned !== undefined) {
    const into = Buffer.alloc(RECORD_PREFIX + 34 + thinned.retention.length)
    writeThinned(into, 0, thinned)
    return into
  }
  let length = RECORD_PREFIX + 4 + entry.length
  for (const { name, keys, bytes } of parts)
    length += 12 + name.length + (bytes === null ? 0 : 32 * keys.length + bytes.length)
  const into = Buffer.alloc(length)
  let p = RECORD_PREFIX
  into[p++] = RECORD_KIND
  p = into.writeUInt16BE(entry.length, p)
  into.set(entry, p)
  p += entry.length
  into[p++] = parts.length
  for (const { name, keys, bytes } of parts) {
    into[p++] = name.length
    p += into.write(name, p, 'latin1')
    into[p++] = bytes === null ? ERASED_FLAG : 0
    const refs = bytes === null ? [] : keys
    p = into.writeUInt16BE(refs.length, p)
    for (const { id, tag } of refs) {
      p += into.write(id, p, 16, 'latin1')
      p += into.write(tag, p, 16, 'latin1')
    }
    p = into.writeUInt32BE(bytes?.length ?? 0, p)
    p = into.writeUInt32BE(bytes === null ? 0 : crc32(bytes), p)
  }
  into.writeUInt32BE(length - 4, 0)
  into.writeUInt32BE(crc32(into.subarray(RECORD_PREFIX, p)), 4)
  for (const { bytes } of parts) {
    if (bytes === null) continue
    into.set(bytes, p)
    p += bytes.length
  }
  return into
}
