import { readEntry } from '../log/entry.ts'
import type { Item } from '../log/item.ts'
import { readEvent } from '../log/read-event.ts'
import type { StoredRecord } from '../log/record-bytes.ts'
import type { Facts } from './tally.ts'

/** When something was recorded, and what it was; no facts when it is no operation. */
export interface Timed {
  /** `recordedAt`, ms since the epoch. */
  readonly time: number
  readonly facts: Facts
}

/** Attempt: its outcome will be counted. Nothing of its content has to be parsed. */
const ATTEMPT = { phase: 'attempt' } as Facts

/** The facts of an event that was just recorded. */
export function factsOfItem({ event }: Item): Facts {
  if (event.phase === 'attempt') return ATTEMPT
  const { action, phase, content } = event
  const { outcome, actor, targets, tenant, visibility } = content
  return tenant === undefined
    ? { action, phase, outcome, actor, targets, visibility }
    : { action, phase, outcome, actor, targets, tenant, visibility }
}

/** The facts of a record that is read again; undefined when retention has thinned it. */
export function factsOfRecord(index: number, record: StoredRecord): Timed | undefined {
  if (record.thinned !== undefined) return undefined
  const entry = readEntry(record.entry.toString('latin1'))
  if (entry.phase === 'attempt') return { time: entry.recordedAt, facts: ATTEMPT }
  const parts = record.parts.map(({ name, bytes }) => ({
    name,
    json: bytes === null ? null : bytes.toString('utf8'),
  }))
  return { time: entry.recordedAt, facts: readEvent(index, entry, parts) }
}
