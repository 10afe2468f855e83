import { isLogAction, isPath } from '../model/index.ts'
import { meetsActionPattern, parseActionPattern } from './action-pattern.ts'
import type { Filter, Query, Text, Value } from './ast.ts'
import { fieldNamed } from './find-field.ts'
import { fold } from './fold.ts'
import { nearest } from './nearest.ts'
import { shown } from './refuse.ts'
import { type Span, spanOf } from './span.ts'
import { meetsWildcard } from './wildcard.ts'

/** Something in a valid query that is probably not meant. */
export interface Warning {
  readonly message: string
  /** What may have been meant, to be put in its place. */
  readonly suggestion?: string
  readonly position?: Span
}

/** What is known about the events that a query is for. */
export interface WarningOptions {
  /** Every action there can be, of a closed catalog. Absent: unknown actions are not warned about. */
  readonly actions?: readonly string[] | undefined
  /** Further topics of the catalog. */
  readonly topics?: readonly string[] | undefined
}

/**
 * Warns of values that can match nothing, such as `outcome:succes`, and of words that look like operators.
 *
 * @example
 * ```ts
 * queryWarnings(parseQuery('outcome:succes'))[0]?.suggestion // 'success'
 * ```
 */
export function queryWarnings(query: Query, options: WarningOptions = {}): Warning[] {
  switch (query.kind) {
    case 'all':
      return []
    case 'and':
    case 'or':
      return query.of.flatMap(member => queryWarnings(member, options))
    case 'not':
      return queryWarnings(query.of, options)
    case 'text':
      return textWarnings(query)
    case 'filter':
      return query.values.flatMap(value => valueWarnings(query, value, options))
  }
}

function textWarnings(query: Text): Warning[] {
  const { text, phrase } = query
  if (phrase) return []
  if (/^(?:and|or|not)$/i.test(text)) {
    return [warning(query, `${text} is searched for as a word`, text.toUpperCase())]
  }
  return text.startsWith('!') && text.length > 1
    ? [warning(query, `${shown(text)} is searched for as a word; - negates`, `-${text.slice(1)}`)]
    : []
}

function valueWarnings(filter: Filter, value: Value, options: WarningOptions): Warning[] {
  if (value.kind === 'any' || value.kind === 'range') return []
  const field = fieldNamed(filter.field)
  if (field.kind === 'path') return actionWarnings(filter, value, options)
  const choices = choicesOf(filter)
  if (!choices || choices.some(choice => matches(filter, value, choice))) return []
  return [warning(value, `${filter.field} is never ${shown(value.text)}`, nearest(fold(value.text), choices))]
}

function choicesOf({ field: name }: Filter): readonly string[] | undefined {
  const field = fieldNamed(name)
  if (field.kind === 'flag') return field.flags.map(flag => flag.name)
  return field.kind === 'choice' ? field.choices : undefined
}

function matches({ op }: Filter, value: Value & { readonly text: string }, choice: string): boolean {
  if (op === '=') return value.text === choice
  const text = fold(value.text)
  return value.kind === 'pattern' ? meetsWildcard(choice, text.split('*')) : text === choice
}

function actionWarnings(
  filter: Filter,
  value: Value & { readonly text: string },
  { actions, topics = [] }: WarningOptions,
): Warning[] {
  const { field, op } = filter
  const { text } = value
  if (value.kind === 'text' && !isPath(text)) {
    return [
      warning(
        value,
        `${shown(text)} is no ${field}: segments of letters, digits, _ and - are joined by dots`,
      ),
    ]
  }
  const pattern = parseActionPattern(text)
  if (!actions || !pattern || isLogAction(text)) return []
  const known = field === 'topic' ? [...actions, ...topics] : actions
  const below = op === ':' && (pattern.below || field === 'topic')
  const isKnown = (path: string): boolean =>
    op === '=' ? path === text : meetsActionPattern(fold(path), { ...pattern, below })
  if (known.some(isKnown)) return []
  return [warning(value, `there is no ${field} ${shown(text)}`, nearest(text, known))]
}

function warning(node: object, message: string, suggestion?: string): Warning {
  const position = spanOf(node)
  return { message, ...(suggestion !== undefined && { suggestion }), ...(position && { position }) }
}
