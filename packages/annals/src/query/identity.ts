import type { Actor, Target } from '../model/index.ts'

/** An actor and everyone it acted for, nearest first. */
export function actorChain(actor: Actor): Actor[] {
  const chain: Actor[] = []
  for (let at: Actor | undefined = actor; at; at = at.onBehalfOf) chain.push(at)
  return chain
}

/**
 * What finds an actor, or the party it acted for: id, name, `type/id` and `type/name`. One without an id, such as
 * the unknown, anonymous or erased actor, is found by its type.
 */
export function actorNames(actor: Actor): string[] {
  const names: string[] = []
  for (let at: Actor | undefined = actor; at; at = at.onBehalfOf) {
    if (at.id === '' && !at.name) names.push(at.type)
    addNames(names, at)
  }
  return names
}

/** What finds a target: id, name, `type/id` and `type/name` of any. */
export function targetNames(targets: readonly Target[]): string[] {
  const names: string[] = []
  for (const target of targets) addNames(names, target)
  return names
}

function addNames(names: string[], { type, id, name }: Actor | Target): void {
  if (id !== '') names.push(id, `${type}/${id}`)
  if (name) names.push(name, `${type}/${name}`)
}
