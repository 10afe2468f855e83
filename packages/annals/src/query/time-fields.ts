import type { AuditEvent } from '../model/index.ts'
import type { TimeField } from './field.ts'

/** The fields that compare times: the entries of the field table for occurredAt and recordedAt. */
export const TIME_FIELDS: readonly TimeField[] = [
  {
    name: 'after',
    kind: 'time',
    help: 'occurred at or after the beginning of this time',
    example: 'after:now-24h',
    reads: ['/occurredAt'],
    time: 'occurred',
    mode: 'after',
    number: occurred,
  },
  {
    name: 'before',
    kind: 'time',
    help: 'occurred before the beginning of this time',
    example: 'before:2026-04-01',
    reads: ['/occurredAt'],
    time: 'occurred',
    mode: 'before',
    number: occurred,
  },
  {
    name: 'during',
    kind: 'time',
    help: 'occurred within this year, month, day, minute, second or range, or since so long ago',
    example: 'during:2026-03',
    reads: ['/occurredAt'],
    time: 'occurred',
    mode: 'during',
    number: occurred,
  },
  {
    name: 'at',
    kind: 'time',
    help: 'occurred at this time, as exactly as it is given',
    example: 'at:2026-03-01T14:05',
    reads: ['/occurredAt'],
    time: 'occurred',
    mode: 'at',
    number: occurred,
  },
  {
    name: 'recorded',
    kind: 'time',
    help: 'recorded within this time or range; the other time fields mean when it occurred',
    example: 'recorded:2026-03-01..2026-04-01',
    header: true,
    time: 'recorded',
    mode: 'during',
    number: event => Date.parse(event.recordedAt),
  },
]

function occurred(event: AuditEvent): number {
  return Date.parse(event.occurredAt)
}
