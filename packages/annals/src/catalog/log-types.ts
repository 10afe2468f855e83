import { type EventType, makeType } from './event-type.ts'

const SENTENCES: Readonly<Record<string, string>> = {
  'log.open': '{actor} opened the log',
  'log.key': '{actor} changed a key of the log',
  'log.catalog': '{actor} changed the event catalog',
  'log.seal': 'a chunk of the log was sealed',
  'log.archive': 'a chunk of the log was archived',
  'log.erasure': '{actor} erased personal data',
  'log.redaction': '{actor} redacted parts of events',
  'log.retention': 'events past their retention were removed',
  'log.hold': '{actor} set a hold',
  'log.release': '{actor} released a hold',
  'log.gap': 'events may be missing',
  'log.pause': '{actor} paused recording',
  'log.resume': '{actor} resumed recording',
  'log.access': '{actor} read the log',
  'log.token': '{actor} changed an access token',
  'log.policy': '{actor} changed the recording policy',
  'log.source.open': 'a source began to record',
  'log.source.close': 'a source stopped recording',
}

/**
 * Who approved an erasure can be erased like anyone: approvals are a part of their own, so that what was erased, and why,
 * stays for ever.
 */
const APPROVED = { persons: ['/data/approvals'], parts: { approvals: ['/data/approvals'] } } as const

/** The types of the log's own events, by action. The list is closed; nobody records them by hand. */
export const LOG_TYPES: ReadonlyMap<string, EventType> = new Map(
  Object.entries(SENTENCES).map(([action, describe]) => [
    action,
    makeType(action, {
      describe,
      visibility: 'operator',
      retention: 'ledger',
      ...(action === 'log.erasure' || action === 'log.redaction' ? APPROVED : {}),
    }),
  ]),
)
