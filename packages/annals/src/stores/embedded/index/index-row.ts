import { readEntry } from '../../../log/entry.ts'
import { readEvent } from '../../../log/read-event.ts'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import { isLogAction } from '../../../model/index.ts'
import { eventTerms } from '../../../query/index.ts'
import { storedParts } from '../read/decode.ts'
import type { IndexRow } from './segment-index.ts'

/** Term of the log's own events, so that counts can leave them out. */
export const LOG_PHASE = 'log'

/** What the index keeps of a stored record. */
export function indexRow(index: number, record: StoredRecord, offset: number): IndexRow {
  const entry = readEntry(record.entry.toString('latin1'))
  const event = readEvent(index, entry, storedParts(record))
  return {
    index,
    offset,
    terms: eventTerms(event).join(' '),
    time: Date.parse(event.occurredAt),
    action: event.action,
    result: event.outcome.result,
    phase: isLogAction(event.action) ? LOG_PHASE : event.phase,
    key: entry.key,
  }
}
