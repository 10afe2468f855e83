import type { AuditEvent } from '../model/index.ts'

/**
 * The texts of an event that bare words and phrases search, besides its sentence: description, segments of the
 * action, names and ids of actors and targets, error code and message, tag values. Never data.
 */
export function searchedTexts(event: AuditEvent): string[] {
  const texts = event.action.split('.')
  if (event.description) texts.push(event.description)
  for (let actor: AuditEvent['actor'] | undefined = event.actor; actor; actor = actor.onBehalfOf) {
    texts.push(actor.id)
    if (actor.name) texts.push(actor.name)
  }
  for (const target of event.targets) {
    texts.push(target.id)
    if (target.name) texts.push(target.name)
  }
  if (event.outcome.code) texts.push(event.outcome.code)
  if (event.outcome.message) texts.push(event.outcome.message)
  if (event.tags) texts.push(...Object.values(event.tags))
  return texts
}
