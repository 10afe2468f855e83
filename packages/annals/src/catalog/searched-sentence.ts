import type { Actor } from '../model/index.ts'
import type { Catalog } from './contract.ts'
import { LOG_TYPES } from './log-types.ts'
import type { Statement } from './statement.ts'
import type { Piece } from './template.ts'

/**
 * The sentence of an event as free text searches it: the literal words of its template with the names of actor and targets
 * in their places. Values that no index has words of (data, outcome, changes) are left out, so that an index and a reader
 * agree. Empty without a template.
 *
 * @example
 * ```ts
 * searchedSentence(event, types) // 'alice deleted machine web-3'
 * ```
 */
export function searchedSentence(event: Statement, catalog?: Pick<Catalog, 'get'>): string {
  const template = (catalog === undefined ? LOG_TYPES.get(event.action) : catalog.get(event.action))?.template
  return template === undefined ? '' : template.map(piece => pieceText(piece, event)).join('')
}

function pieceText(piece: Piece, event: Statement): string {
  switch (piece.kind) {
    case 'text':
      return piece.text
    case 'actor':
      return nameOf(event.actor)
    case 'target':
      return nameOf(event.targets[piece.at])
    case 'targets':
      return event.targets.map(nameOf).join(' · ')
    case 'tenant':
    case 'project':
    case 'outcome':
    case 'data':
    case 'change':
    case 'tag':
      return ' · '
  }
}

function nameOf(one: Pick<Actor, 'id' | 'name'> | undefined): string {
  return one?.name || one?.id || ''
}
