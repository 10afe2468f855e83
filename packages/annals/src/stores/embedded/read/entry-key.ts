import { readEntry } from '../../../log/entry.ts'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import type { EntryKey } from './segment-records.ts'

/** Id and time of a record; undefined once it was thinned. */
export function entryKey(record: StoredRecord): EntryKey | undefined {
  if (record.thinned !== undefined) return undefined
  const { id, recordedAt } = readEntry(record.entry.toString('latin1'))
  return { id, time: recordedAt }
}
