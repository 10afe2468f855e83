import type { Actor, AuditEvent, Target } from 'annals/model'

/** The actor as a person would call it, by the name of the time; worded as in sentences. */
export function actorLabel(actor: Actor): string {
  if (actor.type === 'erased') return '(erased)'
  const text = actor.name || actor.id || actor.type
  return actor.onBehalfOf === undefined ? text : `${text} (as ${actorLabel(actor.onBehalfOf)})`
}

/** `type/id`, or the bare type where there is no id: what filters accept. */
export function reference(party: Actor | Target): string {
  return party.id === '' ? party.type : `${party.type}/${party.id}`
}

/** The primary target with its name if it has one, and how many more there are. */
export function targetsLabel(targets: readonly Target[]): string {
  const [first] = targets
  if (first === undefined) return ''
  const text = first.name === undefined ? reference(first) : `${first.type}/${first.name}`
  return targets.length === 1 ? text : `${text} +${targets.length - 1}`
}

const JOINT = ' · '

/**
 * What a sentence says beyond the actor and the target that stand in columns of their own:
 * `alice deleted machine web-3` becomes `deleted machine`.
 */
export function whatOf(event: AuditEvent, sentence: string): string {
  const actors = [actorLabel(event.actor), ...namesOf(event.actor)]
  const targets = event.targets.slice(0, 1).flatMap(namesOf)
  const [first = '', ...more] = sentence.split(JOINT)
  // A generic sentence, `actor · action · targets · …`: the action leads.
  if (more[0] === event.action)
    return [event.action, ...more.slice(event.targets.length === 0 ? 1 : 2)].join(JOINT)
  const named = new Set([...actors, ...targets])
  const head = named.has(first) ? '' : withoutEnd(withoutStart(first, actors), targets)
  return [head, ...more.filter(part => !named.has(part))].filter(part => part !== '').join(JOINT) || sentence
}

function namesOf(party: Actor | Target): string[] {
  return [party.name ?? '', reference(party), party.id].filter(name => name !== '')
}

function withoutStart(text: string, names: readonly string[]): string {
  const name = names.find(one => text.startsWith(`${one} `))
  return name === undefined ? text : text.slice(name.length + 1)
}

function withoutEnd(text: string, names: readonly string[]): string {
  const name = names.find(one => text.endsWith(` ${one}`))
  return name === undefined ? text : text.slice(0, -name.length - 1)
}
