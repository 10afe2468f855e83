import { readEntry } from '../../../log/entry.ts'
import { readEvent, type StoredPart } from '../../../log/read-event.ts'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import type { AuditEvent } from '../../../model/index.ts'

/** The parts of a record as text. */
export function storedParts(record: StoredRecord): StoredPart[] {
  return record.parts.map(part => ({
    name: part.name,
    json: part.bytes === null ? null : part.bytes.toString('utf8'),
  }))
}

/**
 * The event of a record; undefined once the entry was thinned.
 *
 * @param without parts that are withheld from whoever reads
 */
export function decodeEvent(
  index: number,
  record: StoredRecord,
  without?: readonly string[],
): AuditEvent | undefined {
  if (record.thinned !== undefined) return undefined
  return readEvent(index, readEntry(record.entry.toString('latin1')), storedParts(record), without)
}
