import type { AuditEvent } from 'annals/model'

const TEXTS = new WeakMap<AuditEvent, string>()

/**
 * An event as JSON text. Readers who may see the same get the very same object, so its text is made once for all of them; one with
 * masks has objects of its own. A text lives as long as its event.
 */
export function eventJson(event: AuditEvent): string {
  let text = TEXTS.get(event)
  if (text === undefined) {
    text = JSON.stringify(event)
    TEXTS.set(event, text)
  }
  return text
}
