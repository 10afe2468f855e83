import { ERASED_FLAG, RECORD_KIND, THINNED_KIND } from '../log/record-bytes.ts'
import type { RecordFields } from './record-fields.ts'

/** Bytes of a leaf hash. */
const LEAF = 32
const RETENTION_CLASS = /^[a-z][a-z0-9-]{0,63}$/

/** A part as the head of a block lists it. */
interface PartHead {
  readonly name: string
  readonly erased: boolean
  readonly keysAt: number
  readonly keys: number
  readonly length: number
  at: number
}

interface RecordHead {
  readonly entryLength: number
  entryAt: number
  readonly parts: readonly PartHead[]
  /** Where the leaf hash of a thinned record stands; -1 for a whole one. */
  readonly leafAt: number
  readonly retention: string
}

/**
 * Reads the records of a decompressed block of a sealed segment, `spec/log-v1.md` section 16, strictly: every byte belongs to
 * exactly one record. The fields are those of the record that was moved to last.
 */
export class BlockCursor implements RecordFields {
  entryAt = 0
  entryEnd = 0
  count = 0
  readonly names: string[] = []
  readonly erased: boolean[] = []
  readonly keysAt: number[] = []
  readonly keys: number[] = []
  readonly partAt: number[] = []
  readonly partLength: number[] = []
  readonly partCrc: undefined
  readonly #bytes: Buffer
  readonly #records: RecordHead[] = []

  private constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The cursor over a block that must have so many records, or why it has not. */
  static open(bytes: Buffer, records: number): BlockCursor | string {
    const cursor = new BlockCursor(bytes)
    try {
      return cursor.#open(records) ?? cursor
    } catch (error) {
      // Reading behind the end of a buffer throws RangeError.
      if (error instanceof RangeError) return 'it is cut short'
      throw error
    }
  }

  /** Goes to a record of the block; false when it is thinned, so that only `leaf` and `retention` can be asked for. */
  move(n: number): boolean {
    const head = this.#records[n] as RecordHead
    if (head.leafAt >= 0) return false
    this.entryAt = head.entryAt
    this.entryEnd = head.entryAt + head.entryLength
    this.count = head.parts.length
    for (const [i, part] of head.parts.entries()) {
      this.names[i] = part.name
      this.erased[i] = part.erased
      this.keysAt[i] = part.keysAt
      this.keys[i] = part.keys
      this.partAt[i] = part.at
      this.partLength[i] = part.length
    }
    return true
  }

  /** Leaf hash of a thinned record, 32 bytes in latin1. */
  leaf(n: number): string {
    const { leafAt } = this.#records[n] as RecordHead
    return this.#bytes.toString('latin1', leafAt, leafAt + LEAF)
  }

  /** Retention class of a thinned record, as it is labelled. */
  retention(n: number): string {
    return (this.#records[n] as RecordHead).retention
  }

  #open(records: number): string | undefined {
    const bytes = this.#bytes
    if (bytes.readUInt16BE(0) !== records) return `it does not have ${records} records`
    let p = 2
    for (let n = 0; n < records; n++) {
      const head = this.#readHead(p)
      if (typeof head === 'string') return head
      this.#records.push(head.record)
      p = head.end
    }
    for (const record of this.#records) {
      record.entryAt = p
      p += record.entryLength
    }
    const most = Math.max(...this.#records.map(record => record.parts.length))
    for (let i = 0; i < most; i++) {
      for (const { parts } of this.#records) {
        const part = parts[i]
        if (part === undefined) continue
        part.at = p
        p += part.length
      }
    }
    if (p !== bytes.length) return 'its length does not match its records'
    return undefined
  }

  #readHead(at: number): { readonly record: RecordHead; readonly end: number } | string {
    const bytes = this.#bytes
    const kind = bytes.readUInt8(at)
    if (kind === THINNED_KIND) {
      const end = at + 2 + LEAF + bytes.readUInt8(at + 1 + LEAF)
      const retention = bytes.toString('latin1', at + 2 + LEAF, end)
      if (!RETENTION_CLASS.test(retention)) return 'a thinned record has no class'
      return { record: { entryLength: 0, entryAt: 0, parts: [], leafAt: at + 1, retention }, end }
    }
    if (kind !== RECORD_KIND) return 'it has a record of an unknown kind'
    const entryLength = bytes.readUInt16BE(at + 1)
    const count = bytes.readUInt8(at + 3)
    const parts: PartHead[] = []
    let p = at + 4
    for (let i = 0; i < count; i++) {
      const nameEnd = p + 1 + bytes.readUInt8(p)
      const name = bytes.toString('latin1', p + 1, nameEnd)
      const flags = bytes.readUInt8(nameEnd)
      const keys = bytes.readUInt16BE(nameEnd + 1)
      const keysAt = nameEnd + 3
      const length = bytes.readUInt32BE(keysAt + 32 * keys)
      if (flags > ERASED_FLAG) return 'a part has an unknown flag'
      const erased = flags === ERASED_FLAG
      if (erased && (keys > 0 || length > 0)) return 'an erased part has keys or content'
      parts.push({ name, erased, keysAt, keys, length, at: 0 })
      p = keysAt + 32 * keys + 4
    }
    return { record: { entryLength, entryAt: 0, parts, leafAt: -1, retention: '' }, end: p }
  }
}
