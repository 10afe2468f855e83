import type { Filter, Operator, Text, Value } from './ast.ts'
import { isBound, isOrdered } from './field.ts'
import { fieldNamed, isKeyed } from './find-field.ts'
import { isBare, isBareText } from './lexical.ts'

/**
 * The value that a bare run means behind a field and operator: `*`, a range where the field has an order, a
 * pattern when it holds `*`, else plain text.
 *
 * @example
 * ```ts
 * readBareValue('index', ':', '5..9') // { kind: 'range', from: '5', to: '9' }
 * ```
 */
export function readBareValue(field: string, op: Operator, bare: string): Value {
  if (op !== ':') return { kind: 'text', text: bare }
  if (bare === '*') return { kind: 'any' }
  const dots = bare.indexOf('..')
  if (dots >= 0 && bare.length > 2 && isOrdered(fieldNamed(field))) {
    const [from, to] = [bare.slice(0, dots), bare.slice(dots + 2)]
    return { kind: 'range', ...(from !== '' && { from }), ...(to !== '' && { to }) }
  }
  return bare.includes('*') ? { kind: 'pattern', text: bare } : { kind: 'text', text: bare }
}

/**
 * A filter of one field; any of the values may hold. Strings are read as bare values when they can be one, so that
 * `*` is a wildcard in them.
 *
 * @throws TypeError for an unknown field, a missing key, no value, or an operator the field does not take
 * @example
 * ```ts
 * printQuery(filter('action', ':', ['machine.*', 'ip.free'])) // 'action:machine.*,ip.free'
 * printQuery(filter('tag', '=', ['prod'], 'env'))              // 'tag.env=prod'
 * ```
 */
export function filter(
  field: string,
  op: Operator,
  values: readonly (string | Value)[],
  key?: string,
): Filter {
  const known = fieldNamed(field)
  if (isKeyed(known) !== (key !== undefined)) {
    throw new TypeError(`query: ${field} ${key === undefined ? 'needs a key' : 'takes no key'}`)
  }
  if (values.length === 0) throw new TypeError(`query: ${field} needs a value`)
  if (op !== ':' && op !== '=' && !isOrdered(known)) throw new TypeError(`query: ${field} has no order`)
  const list = values.map(value =>
    typeof value === 'string' ? fromString(field, op, value) : checked(field, op, value),
  )
  return { kind: 'filter', field, ...(key !== undefined && { key }), op, values: list }
}

/**
 * Words to search for. A text that could not be written bare becomes a phrase.
 *
 * @example
 * ```ts
 * text('rack 4') // { kind: 'text', text: 'rack 4', phrase: true }
 * ```
 */
export function text(words: string, phrase = false): Text {
  return { kind: 'text', text: words, phrase: phrase || !isBareText(words) }
}

/** Whether repeating the filter widens: equality of a field, and not a bound. */
export function widensRepeated({ field, op }: Filter): boolean {
  return (op === ':' || op === '=') && !isBound(fieldNamed(field))
}

/** What repeated filters have in common. */
export function filterSubject({ field, key }: Filter): string {
  return key === undefined ? field : `${field}.${key}`
}

function fromString(field: string, op: Operator, value: string): Value {
  return isBare(value) ? readBareValue(field, op, value) : { kind: 'text', text: value }
}

function checked(field: string, op: Operator, value: Value): Value {
  if (value.kind === 'text') return value
  const bare = value.kind === 'any' ? '*' : value.kind === 'pattern' ? value.text : rangeText(value)
  const canBeWritten = isBare(bare) && op === ':' && !/^[<>]/.test(bare)
  const read = canBeWritten ? readBareValue(field, op, bare) : undefined
  if (read?.kind !== value.kind || (read.kind === 'range' && !sameRange(read, value))) {
    throw new TypeError(`query: ${field}${op} cannot take the ${value.kind} ${bare}`)
  }
  return value
}

/** A range as it is written. */
export function rangeText(range: { readonly from?: string; readonly to?: string }): string {
  return `${range.from ?? ''}..${range.to ?? ''}`
}

function sameRange(a: Value, b: Value): boolean {
  return a.kind === 'range' && b.kind === 'range' && a.from === b.from && a.to === b.to
}
