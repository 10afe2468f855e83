import { crc32 } from 'node:zlib'
import { ERASED_FLAG, MAX_RECORD_BYTES, RECORD_KIND, RECORD_PREFIX, RecordError } from './record-bytes.ts'

/** What erasing has changed in a record. */
export interface ErasedRecord {
  /** Names of the parts that lost their content now; none when it was gone before. */
  readonly erased: readonly string[]
  /** Bytes of the record up to the end of its header; after it come the parts. */
  readonly header: number
}

/**
 * Wipes parts of the record at `at` where they lie, `spec/log-v1.md` section 17: flag 1, key references and bytes zeros, CRCs of
 * the new bytes. The length stays. A record that a crash left half wiped is wiped to the end, so its CRCs are not looked at.
 *
 * @param names of the parts; others stay as they are
 * @throws RecordError for bytes that are no record
 */
export function eraseRecordParts(bytes: Buffer, at: number, names: ReadonlySet<string>): ErasedRecord {
  if (at + RECORD_PREFIX + 4 > bytes.length) throw new RecordError('cut short')
  const end = at + bytes.readUInt32BE(at) + 4
  if (end > bytes.length || end - at > MAX_RECORD_BYTES) throw new RecordError('impossible length')
  let p = at + RECORD_PREFIX
  if (bytes[p] !== RECORD_KIND) return { erased: [], header: p - at }
  p += 3 + bytes.readUInt16BE(p + 1)
  const count = bytes[p++] as number
  const erased: string[] = []
  const wiped: number[] = []
  const lengths: number[] = []
  for (let i = 0; i < count; i++) {
    const name = bytes.toString('latin1', p + 1, p + 1 + (bytes[p] as number))
    p += 1 + name.length
    const flag = p
    const refs = p + 3
    p = refs + 32 * bytes.readUInt16BE(p + 1)
    if (p + 8 > end) throw new RecordError('header runs over its record')
    const length = bytes.readUInt32BE(p)
    lengths.push(length)
    if (names.has(name)) {
      if (bytes[flag] !== ERASED_FLAG) erased.push(name)
      wiped.push(i)
      bytes[flag] = ERASED_FLAG
      bytes.fill(0, refs, p)
      bytes.writeUInt32BE(crc32(Buffer.alloc(length)), p + 4)
    }
    p += 8
  }
  const header = p
  for (const [i, length] of lengths.entries()) {
    if (p + length > end) throw new RecordError('part runs over its record')
    if (wiped.includes(i)) bytes.fill(0, p, p + length)
    p += length
  }
  if (p !== end) throw new RecordError('length does not match its parts')
  if (wiped.length > 0) bytes.writeUInt32BE(crc32(bytes.subarray(at + RECORD_PREFIX, header)), at + 4)
  return { erased, header: header - at }
}
