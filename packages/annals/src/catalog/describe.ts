import { type Change, type Json, parsePointer, valueAt } from '../model/index.ts'
import type { Catalog } from './contract.ts'
import { LOG_TYPES } from './log-types.ts'
import type { Statement } from './statement.ts'
import { literalText, type Piece, type Template } from './template.ts'
import { visible } from './visible.ts'
import {
  actorWords,
  changeWords,
  outcomeSuffix,
  outcomeWords,
  targetsWords,
  targetWords,
  valueWords,
} from './words.ts'

/** What describing needs of a catalog. */
export type Describing = Pick<Catalog, 'get' | 'latest'>

/**
 * One line about an event, for people: its own description, or the sentence of its type, or `actor · action · target`. What
 * the outcome was and what changed is added where the sentence does not say, and `backfilled` where the event was entered later. Plain text without hidden characters. Total: it
 * throws for nothing, also not for an erased event, an unknown action or a value that is no event.
 *
 * @example
 * ```ts
 * describe(event, types) // 'deploy-bot (as alice) deleted machine web-3'
 * ```
 */
export function describe(event: Statement, catalog?: Describing): string {
  try {
    // A reader must not take for witnessed what was entered afterwards.
    return joined([sentence(event, catalog), event.backfill === undefined ? '' : 'backfilled'])
  } catch {
    return fallback(event)
  }
}

function sentence(event: Statement, catalog: Describing | undefined): string {
  if (typeof event.description === 'string' && event.description !== '') return visible(event.description)
  const template = (catalog === undefined ? LOG_TYPES.get(event.action) : catalog.get(event.action))?.template
  if (template === undefined)
    return joined([generic(event), changeWords(event.changes), outcomeSuffix(event)])
  const text = template.map(piece => pieceWords(piece, event, catalog)).join('')
  const saysChange = template.some(piece => piece.kind === 'change')
  const saysOutcome = template.some(piece => piece.kind === 'outcome')
  return joined([text, saysChange ? '' : changeWords(event.changes), saysOutcome ? '' : outcomeSuffix(event)])
}

function generic(event: Statement): string {
  const targets = event.targets.length === 0 ? '' : targetsWords(event)
  return joined([actorWords(event.actor), visible(event.action), targets])
}

function joined(pieces: readonly string[]): string {
  return pieces.filter(piece => piece !== '').join(' · ')
}

function pieceWords(piece: Piece, event: Statement, catalog: Describing | undefined): string {
  switch (piece.kind) {
    case 'text':
      return visible(piece.text)
    case 'actor':
      return actorWords(event.actor)
    case 'target':
      return targetWords(event.targets[piece.at], event)
    case 'targets':
      return targetsWords(event)
    case 'tenant':
    case 'project':
      return valueWords(event[piece.kind], event)
    case 'outcome':
      return outcomeWords(event.outcome)
    case 'data':
      return valueWords(valueAt(catalog?.latest(event).data ?? event.data, piece.segments), event)
    case 'change':
      return valueWords(changedValue(event.changes ?? [], piece.side, piece.pointer), event)
    case 'tag':
      return valueWords(valueAt(event.tags, [piece.name]), event)
  }
}

/** The value before or after at a pointer: of the change at that place, or of one above it. */
function changedValue(
  changes: readonly Change[],
  side: 'before' | 'after',
  pointer: string,
): Json | undefined {
  for (const change of changes) {
    if (change.path === pointer) return change[side]
    if (pointer.startsWith(`${change.path}/`)) {
      return valueAt(change[side], parsePointer(pointer.slice(change.path.length))) as Json | undefined
    }
  }
  return undefined
}

function fallback(event: unknown): string {
  try {
    const action = (event as { readonly action?: unknown }).action
    return typeof action === 'string' && action !== '' ? visible(action) : 'an event that cannot be described'
  } catch {
    return 'an event that cannot be described'
  }
}

/**
 * The actions whose sentence says a word: the literal text of the template contains it, letter case aside. For searching
 * sentences without rendering them.
 *
 * @example
 * ```ts
 * sentenceWords(types, 'deleted') // ['machine.delete', 'user.delete']
 * ```
 */
export function sentenceWords(catalog: Pick<Catalog, 'types'>, word: string): string[] {
  const wanted = word.trim().toLowerCase()
  if (wanted === '') return []
  const says = (template: Template | undefined): boolean =>
    template !== undefined && literalText(template).includes(wanted)
  return [...catalog.types, ...LOG_TYPES.values()]
    .filter(type => says(type.template))
    .map(type => type.action)
}
