import { crc32 } from 'node:zlib'
import { ERASED_FLAG, MAX_RECORD_BYTES, RECORD_KIND, RECORD_PREFIX } from '../log/record-bytes.ts'
import type { RecordFields } from './record-fields.ts'

/**
 * Reads stored records one after the other without an object for any of them: the fields are where the last record has
 * its pieces. Format: `log/record-bytes.ts`.
 */
export class RecordCursor implements RecordFields {
  /** Bytes of the whole record. */
  length = 0
  entryAt = 0
  entryEnd = 0
  /** Parts in the record. */
  count = 0
  readonly names: string[] = []
  readonly erased: boolean[] = []
  /** Where the references of a part's subject keys begin, 32 bytes each. */
  readonly keysAt: number[] = []
  readonly keys: number[] = []
  readonly partAt: number[] = []
  readonly partLength: number[] = []
  readonly partCrc: number[] = []
  /** The CRC over the header is right. */
  sound = false

  /**
   * Reads the record at `at`.
   *
   * @returns why there is none; `length` is then the record's own claim, or 0 when that is impossible
   */
  read(from: Buffer, at: number, limit: number): string | undefined {
    this.length = recordLength(from, at, limit)
    if (this.length === 0) return 'impossible length'
    const end = at + this.length
    let p = at + RECORD_PREFIX
    if (from[p] !== RECORD_KIND) return 'no record here'
    this.entryAt = p + 3
    this.entryEnd = this.entryAt + from.readUInt16BE(p + 1)
    p = this.entryEnd
    if (p + 1 > end) return 'its entry runs over its end'
    const count = from[p++] as number
    this.count = count
    for (let i = 0; i < count; i++) {
      if (p + 1 > end) return 'its header runs over its end'
      const nameLength = from[p++] as number
      if (p + nameLength + 3 > end) return 'its header runs over its end'
      this.names[i] = from.toString('latin1', p, p + nameLength)
      p += nameLength
      const flags = from[p] as number
      if (flags > ERASED_FLAG) return 'it has an unknown flag'
      this.erased[i] = flags === ERASED_FLAG
      const keys = from.readUInt16BE(p + 1)
      p += 3
      this.keys[i] = keys
      this.keysAt[i] = p
      p += 32 * keys
      if (p + 8 > end) return 'its header runs over its end'
      this.partLength[i] = from.readUInt32BE(p)
      this.partCrc[i] = from.readUInt32BE(p + 4)
      p += 8
    }
    const headerEnd = p
    for (let i = 0; i < count; i++) {
      this.partAt[i] = p
      p += this.partLength[i] as number
    }
    if (p !== end) return 'its length does not match its parts'
    this.sound = crc32(from.subarray(at + RECORD_PREFIX, headerEnd)) === from.readUInt32BE(at + 4)
    return undefined
  }
}

/** Length that a record at `at` claims; 0 when it is impossible or runs over `limit`. */
export function recordLength(from: Buffer, at: number, limit: number): number {
  if (at + RECORD_PREFIX + 4 > limit) return 0
  const length = from.readUInt32BE(at) + 4
  return length < RECORD_PREFIX + 4 || length > MAX_RECORD_BYTES || at + length > limit ? 0 : length
}
