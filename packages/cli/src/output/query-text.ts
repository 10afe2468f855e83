import {
  FIELDS,
  type Filter,
  fieldNamed,
  type Query,
  type ResolvedBounds,
  type TermExpr,
  type Value,
} from 'annals/query'
import { localTime, zoneLabel } from './time.ts'

/** A query as an indented tree. */
export function treeLines(query: Query, depth: number = 1): string[] {
  const indent = '  '.repeat(depth)
  switch (query.kind) {
    case 'all':
      return [`${indent}everything`]
    case 'and':
    case 'or': {
      const title = query.kind === 'and' ? 'all of' : 'any of'
      return [`${indent}${title}`, ...query.of.flatMap(member => treeLines(member, depth + 1))]
    }
    case 'not':
      return [`${indent}not`, ...treeLines(query.of, depth + 1)]
    case 'text':
      return [`${indent}${query.phrase ? 'the phrase' : 'the words'} ${JSON.stringify(query.text)}`]
    case 'filter':
      return [`${indent}${nameOf(query)} ${query.op} ${query.values.map(valueText).join(' or ')}`]
  }
}

/** Each field of a query, once, with what it means. */
export function fieldLines(query: Query): string[] {
  const names = new Set(filtersOf(query).map(filter => filter.field))
  if (names.size === 0) return ['  none: words are searched in sentences, names, ids, errors and tag values']
  return FIELDS.filter(field => names.has(field.name)).map(
    field => `  ${field.name}: ${fieldNamed(field.name).help}`,
  )
}

/** What an index of terms is asked for. */
export function termText(expr: TermExpr): string {
  switch (expr.kind) {
    case 'all':
      return 'every event (no term narrows the search)'
    case 'none':
      return 'none'
    case 'term':
      return expr.term
    case 'prefix':
      return `${expr.term}*`
    case 'not':
      return `not ${termText(expr.of)}`
    case 'and':
      return expr.of.map(grouped).join(' and ')
    case 'or':
      return expr.of.map(grouped).join(' or ')
  }
}

/** Where matches can lie. */
export function windowText({ index, recorded, occurred, ids }: ResolvedBounds, zone: string): string {
  const parts: string[] = []
  if (ids !== undefined) parts.push(`${ids.length} ${ids.length === 1 ? 'id' : 'ids'}`)
  const positions = rangeText(index, String, 0)
  if (positions !== undefined) parts.push(`positions ${positions}`)
  const time = (at: number): string =>
    `${localTime(new Date(at).toISOString(), zone)} ${zoneLabel(zone, new Date(at))}`
  for (const [name, bounds] of [
    ['recorded', recorded],
    ['occurred', occurred],
  ] as const) {
    const range = rangeText(bounds, time, Number.NEGATIVE_INFINITY)
    if (range !== undefined) parts.push(`${name} ${range}`)
  }
  return parts.length === 0 ? 'the whole log' : parts.join(', ')
}

function rangeText(
  [from, to]: readonly [number, number],
  text: (at: number) => string,
  least: number,
): string | undefined {
  const starts = from > least
  const ends = to < Number.POSITIVE_INFINITY
  if (starts && ends) return `from ${text(from)} until ${text(to)}`
  if (starts) return `from ${text(from)}`
  return ends ? `until ${text(to)}` : undefined
}

function grouped(expr: TermExpr): string {
  return expr.kind === 'and' || expr.kind === 'or' ? `(${termText(expr)})` : termText(expr)
}

function filtersOf(query: Query): Filter[] {
  if (query.kind === 'and' || query.kind === 'or') return query.of.flatMap(filtersOf)
  if (query.kind === 'not') return filtersOf(query.of)
  return query.kind === 'filter' ? [query] : []
}

function nameOf({ field, key }: Filter): string {
  return key === undefined ? field : `${field}.${key}`
}

function valueText(value: Value): string {
  if (value.kind === 'any') return '(present)'
  if (value.kind === 'range') return `${value.from ?? ''}..${value.to ?? ''}`
  return JSON.stringify(value.text)
}
