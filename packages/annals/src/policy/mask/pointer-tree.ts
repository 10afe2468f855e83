import type { MaskAction, PointerRule } from './definition.ts'

/** Pointers that begin with the same segments, and what becomes of the value here. */
export interface PointerNode {
  readonly members: Map<string, PointerNode>
  action: MaskAction | undefined
}

/** The nodes that a place fits: several, because `*` fits every member. */
export type PointerNodes = readonly PointerNode[]

export const NO_NODES: PointerNodes = []
const ANY = '*'

/** The tree of pointers; of two rules for one pointer the first holds. */
export function pointerTree(rules: readonly PointerRule[]): PointerNodes {
  if (rules.length === 0) return NO_NODES
  const root = node()
  for (const { segments, action } of rules) {
    let at = root
    for (const segment of segments) {
      let next = at.members.get(segment)
      if (next === undefined) {
        next = node()
        at.members.set(segment, next)
      }
      at = next
    }
    at.action ??= action
  }
  return [root]
}

/** The nodes of a member or element. */
export function below(nodes: PointerNodes, segment: string): PointerNodes {
  if (nodes.length === 0) return nodes
  const found: PointerNode[] = []
  for (const { members } of nodes) {
    const exact = members.get(segment)
    const any = segment === ANY ? undefined : members.get(ANY)
    if (exact !== undefined) found.push(exact)
    if (any !== undefined) found.push(any)
  }
  return found
}

/** What the pointers say of a value: an exact one before one with `*`. */
export function actionAt(nodes: PointerNodes): MaskAction | undefined {
  for (const { action } of nodes) if (action !== undefined) return action
  return undefined
}

function node(): PointerNode {
  return { members: new Map(), action: undefined }
}
