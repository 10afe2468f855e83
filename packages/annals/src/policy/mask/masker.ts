import type { KeyObject } from 'node:crypto'
import {
  type Change,
  formatPointer,
  type Json,
  type NormalEvent,
  type Note,
  parsePointer,
} from '../../model/index.ts'
import type { Mutable } from '../../model/mutable.ts'
import type { MaskAction, MaskRules } from './definition.ts'
import { GONE, type MaskWalk, maskJson } from './mask-json.ts'
import { MaskedNames } from './names.ts'
import { actionAt, below, NO_NODES, type PointerNodes, pointerTree } from './pointer-tree.ts'
import { ValueHash } from './value-hash.ts'

/** Most notes about masked values; beyond, one tells how many there were. */
const MOST_NOTES = 64
const MOST_REMEMBERED = 1_024

/** Masks events as the rules of a policy say. Pure but for its memory: the event that is given is never changed. */
export class Masker {
  readonly #rules: MaskRules
  readonly #names: MaskedNames
  readonly #hash: ValueHash
  readonly #trees = new Map<string, PointerNodes>()

  /** @param secret keys the hashes of values */
  constructor(rules: MaskRules, secret: KeyObject) {
    this.#rules = rules
    this.#names = new MaskedNames(rules)
    this.#hash = new ValueHash(secret, rules.hashPeriod)
  }

  /**
   * The event without its secrets, and with notes of what was masked; itself when nothing was. Masking it again changes nothing.
   *
   * @param now ms since the epoch
   */
  mask(event: NormalEvent, now: number): NormalEvent {
    const tree = this.#treeOf(event.action)
    const walk: MaskWalk = {
      names: this.#names,
      hash: value => this.#hash.hash(value, now),
      path: [],
      notes: [],
    }
    const masked: Mutable<NormalEvent> = { ...event }
    this.#maskContent(walk, masked, tree)
    this.#maskContext(walk, masked, tree)
    if (walk.notes.length === 0) return event
    masked.notes = withNotes(event.notes, walk.notes)
    return masked
  }

  #maskContent(walk: MaskWalk, event: Mutable<NormalEvent>, tree: PointerNodes): void {
    if (event.data !== undefined) {
      const data = member(walk, 'data', event.data as Json, tree)
      if (data === GONE) delete event.data
      else event.data = data
    }
    if (event.changes !== undefined)
      event.changes = this.#maskChanges(walk, event.changes, below(tree, 'changes'))
    if (event.tags !== undefined) {
      const tags = member(walk, 'tags', event.tags, tree)
      if (tags === GONE) delete event.tags
      else event.tags = tags as Readonly<Record<string, string>>
    }
    if (event.description !== undefined) {
      const description = member(walk, 'description', event.description, tree)
      if (description === GONE) delete event.description
      else event.description = description as string
    }
  }

  #maskContext(walk: MaskWalk, event: Mutable<NormalEvent>, tree: PointerNodes): void {
    const { code, message } = event.outcome
    const outcomes = below(tree, 'outcome')
    if (code !== undefined || message !== undefined) {
      event.outcome = maskMembers(walk, 'outcome', event.outcome, { code, message }, outcomes)
    }
    // Whoever has the id of a session can often use it; equal ones are still the same session.
    const session = actionAt(below(below(tree, 'origin'), 'sessionId')) ?? 'hash'
    event.origin = maskMembers(walk, 'origin', event.origin, event.origin, below(tree, 'origin'), {
      sessionId: session,
    })
    const actors = below(tree, 'actor')
    if (actors.length > 0) {
      const { name, credential } = event.actor
      event.actor = maskMembers(walk, 'actor', event.actor, { name }, actors)
      const ids = below(below(actors, 'credential'), 'id')
      if (credential !== undefined && ids.length > 0) {
        walk.path.push('actor')
        const kept = maskMembers(
          walk,
          'credential',
          credential,
          { id: credential.id },
          below(actors, 'credential'),
        )
        walk.path.pop()
        event.actor = { ...event.actor, credential: 'id' in kept ? kept : { ...credential, id: '' } }
      }
    }
  }

  #maskChanges(walk: MaskWalk, changes: readonly Change[], tree: PointerNodes): readonly Change[] {
    let copy: Change[] | undefined
    for (const [index, change] of changes.entries()) {
      const nodes = below(tree, change.path)
      let action: MaskAction | undefined = actionAt(nodes)
      for (const segment of parsePointer(change.path)) action ??= this.#names.find(segment)
      walk.path.push('changes', index)
      const masked = maskChange(walk, change, nodes, action)
      walk.path.length -= 2
      if (masked === change) continue
      copy ??= [...changes]
      copy[index] = masked
    }
    return copy ?? changes
  }

  #treeOf(action: string): PointerNodes {
    if (this.#rules.events.length === 0) return NO_NODES
    let tree = this.#trees.get(action)
    if (tree === undefined) {
      tree = pointerTree(this.#rules.events.flatMap(({ fits, pointers }) => (fits(action) ? pointers : [])))
      if (this.#trees.size >= MOST_REMEMBERED) this.#trees.clear()
      this.#trees.set(action, tree)
    }
    return tree
  }
}

/** That it changed stays; what was dropped of it is marked as masked. */
function maskChange(
  walk: MaskWalk,
  change: Change,
  nodes: PointerNodes,
  action: MaskAction | undefined,
): Change {
  const masked: Mutable<Change> = { ...change }
  let altered = false
  for (const name of ['before', 'after'] as const) {
    const value = change[name]
    if (value === undefined) continue
    walk.path.push(name)
    const kept = maskJson(walk, value, { nodes, action })
    walk.path.pop()
    if (kept === value) continue
    altered = true
    if (kept === GONE) {
      delete masked[name]
      masked.masked = true
    } else masked[name] = kept
  }
  return altered ? masked : change
}

/** The value of a field of the event. */
function member(walk: MaskWalk, name: string, value: Json, tree: PointerNodes): Json | typeof GONE {
  walk.path.push(name)
  const masked = maskJson(walk, value, { nodes: below(tree, name), action: undefined })
  walk.path.pop()
  return masked
}

/** An object of the model with some of its texts masked; of names only those in `actions` count. */
function maskMembers<T extends object>(
  walk: MaskWalk,
  field: string,
  object: T,
  texts: Readonly<Record<string, string | undefined>> | object,
  nodes: PointerNodes,
  actions: Readonly<Record<string, MaskAction>> = {},
): T {
  let copy: Record<string, unknown> | undefined
  walk.path.push(field)
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text !== 'string') continue
    walk.path.push(name)
    const masked = maskJson(walk, text, { nodes: below(nodes, name), action: actions[name] })
    walk.path.pop()
    if (masked === text) continue
    copy ??= { ...object } as Record<string, unknown>
    if (masked === GONE) delete copy[name]
    else copy[name] = masked
  }
  walk.path.pop()
  return (copy ?? object) as T
}

function withNotes(given: readonly Note[] | undefined, made: readonly Note[]): readonly Note[] {
  const more = made.length - MOST_NOTES
  const notes = [...(given ?? []), ...made.slice(0, MOST_NOTES)]
  return more <= 0 ? notes : [...notes, { path: formatPointer([]), reason: `masked: ${more} more places` }]
}
