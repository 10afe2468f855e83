import { type Digest, digestBytes } from '../../log/digest.ts'
import { readEntry } from '../../log/entry.ts'
import type { Batch } from '../../log/log-store.ts'
import { readEvent } from '../../log/read-event.ts'
import { readRecord } from '../../log/record-bytes.ts'
import type { AuditEvent } from '../../model/index.ts'

/** What was handed to the store for one position. */
export interface Written {
  readonly index: number
  /** The whole record. */
  readonly bytes: Buffer
  readonly leaf: Buffer
  /** As it is to be read now. */
  readonly event: AuditEvent
  /** `recordedAt`, ms since the epoch. */
  readonly time: number
  /** Idempotency key, if any. */
  readonly key: string | undefined
  /** Names of the parts that were erased. */
  readonly erased?: ReadonlySet<string>
  /** Nothing but the leaf hash may be left. */
  readonly thinned?: boolean
}

/** The records of a batch, copied, with the events they hold. */
export function recordsOf(batch: Batch): Written[] {
  const bytes = Buffer.from(batch.bytes.subarray(0, batch.length))
  const written: Written[] = []
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(bytes, at, 'all')
    const index = batch.at + written.length
    const entry = readEntry(record.entry.toString('latin1'))
    const parts = record.parts.map(part => ({ name: part.name, json: part.bytes?.toString('utf8') ?? null }))
    written.push({
      index,
      bytes: record.bytes,
      leaf: digestBytes(batch.leaves[written.length] as Digest),
      event: readEvent(index, entry, parts),
      time: entry.recordedAt,
      key: entry.key,
    })
    at += record.length
  }
  return written
}
