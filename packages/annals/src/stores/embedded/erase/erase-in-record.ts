import type { StoredRecord } from '../../../log/record-bytes.ts'

/** A record without the content and key references of these parts; the same object when it has none of them. */
export function eraseInRecord(record: StoredRecord, names: ReadonlySet<string> | undefined): StoredRecord {
  if (names === undefined || !record.parts.some(({ name, bytes }) => bytes !== null && names.has(name)))
    return record
  return {
    ...record,
    parts: record.parts.map(part => (names.has(part.name) ? { ...part, keys: [], bytes: null } : part)),
  }
}
