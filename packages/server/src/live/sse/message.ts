import type { AuditEvent } from 'annals/model'
import { eventJson } from '../event-json.ts'

/**
 * An event as a message of an event stream: its position is the id, which a client that comes back sends as `Last-Event-ID`. JSON
 * has no line breaks outside texts, and escapes them within, so one line of data is enough.
 */
export function eventMessage(event: AuditEvent): string {
  return `id: ${event.index}\ndata: ${eventJson(event)}\n\n`
}

/** A message with a name, which has no position. */
export function namedMessage(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** A sign of life that also says how far everything was sent. */
export function heartbeatMessage(watermark: number): string {
  return `: heartbeat ${watermark}\n\n`
}
