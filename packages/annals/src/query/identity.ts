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

/** The names of {@link actorNames} without those that begin with the type. */
export function plainActorNames(actor: Actor): string[] {
  const names: string[] = []
  for (let at: Actor | undefined = actor; at; at = at.onBehalfOf) {
    if (at.id === '' && !at.name) names.push(at.type)
    if (at.id !== '') names.push(at.id)
    if (at.name) names.push(at.name)
  }
  return names
}

/** The names of {@link targetNames} without those that begin with the type. */
export function plainTargetNames(targets: readonly Target[]): string[] {
  const names: string[] = []
  for (const { id, name } of targets) {
    if (id !== '') names.push(id)
    if (name) names.push(name)
  }
  return names
}
