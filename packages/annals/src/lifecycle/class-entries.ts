import { type Entry, readEntry } from '../log/entry.ts'
import type { LogStore } from '../log/log-store.ts'
import { readEvent } from '../log/read-event.ts'
import type { StoredRecord } from '../log/record-bytes.ts'
import type { AuditEvent } from '../model/index.ts'

/** An entry that retention has not thinned yet. */
export interface ClassEntry {
  readonly index: number
  readonly retention: string
  readonly entry: Entry
  readonly record: StoredRecord
}

/** The entries between two positions that are still whole, in order of position. */
export async function* classEntries(log: LogStore, from: number, to: number): AsyncIterable<ClassEntry> {
  for await (const batch of log.read(from, to)) {
    for (const { index, record } of batch) {
      if (record.thinned !== undefined) continue
      const entry = readEntry(record.entry.toString('latin1'))
      yield { index, retention: entry.retention, entry, record }
    }
  }
}

/** The event of an entry. */
export function eventOf({ index, entry, record }: ClassEntry): AuditEvent {
  const parts = record.parts.map(({ name, bytes }) => ({ name, json: bytes?.toString('utf8') ?? null }))
  return readEvent(index, entry, parts)
}
