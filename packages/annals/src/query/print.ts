import type { Filter, Query, Text, Value } from './ast.ts'
import { filterSubject, rangeText, readBareValue, widensRepeated } from './filter.ts'
import { isBare, isBareText, quoted } from './lexical.ts'

/**
 * The canonical text of a query: `parseQuery(printQuery(query))` equals the query. Aliases, spare white space and
 * needless quotes and parentheses are gone.
 *
 * @example
 * ```ts
 * printQuery(parseQuery(' user:alice  NOT (outcome:success) ')) // 'actor:alice -outcome:success'
 * ```
 */
export function printQuery(query: Query): string {
  return query.kind === 'all' ? '' : print(query)
}

function print(query: Query): string {
  switch (query.kind) {
    case 'all':
      return '*'
    case 'and':
      return printAnd(query.of)
    case 'or':
      return query.of.map(print).join(' OR ')
    case 'not':
      return `-${printTerm(query.of)}`
    case 'filter':
      return printFilter(query)
    case 'text':
      return printText(query)
  }
}

/** Terms side by side, with `AND` where a repeated field would otherwise be read as "one of". */
function printAnd(of: readonly Query[]): string {
  let out = ''
  let seen = new Set<string>()
  for (const term of of) {
    const subject = term.kind === 'filter' && widensRepeated(term) ? filterSubject(term) : undefined
    const repeats = subject !== undefined && seen.has(subject)
    if (repeats) seen = new Set()
    if (subject !== undefined) seen.add(subject)
    out +=
      (out === '' ? '' : repeats ? ' AND ' : ' ') + (term.kind === 'or' ? `(${print(term)})` : print(term))
  }
  return out
}

function printTerm(query: Query): string {
  return query.kind === 'and' || query.kind === 'or' ? `(${print(query)})` : print(query)
}

function printText({ text, phrase }: Text): string {
  return !phrase && isBareText(text) ? text : quoted(text)
}

/** One filter, canonical. */
export function printFilter(filter: Filter): string {
  const key = filter.key === undefined ? '' : `.${printKey(filter.key)}`
  const op = filter.op === ':' || filter.op === '=' ? filter.op : `:${filter.op}`
  return filter.field + key + op + filter.values.map(value => printValue(filter, value)).join(',')
}

function printKey(key: string): string {
  return isBare(key) && !key.includes(':') && !key.includes('=') ? key : quoted(key)
}

function printValue({ field, op }: Filter, value: Value): string {
  switch (value.kind) {
    case 'any':
      return '*'
    case 'pattern':
      return value.text
    case 'range':
      return rangeText(value)
    case 'text': {
      const readsBack = isBare(value.text) && readBareValue(field, op, value.text).kind === 'text'
      // Behind `:` these would be read as part of the operator.
      const looksLikeOperator = op !== '=' && /^[<>=]/.test(value.text)
      return readsBack && !looksLikeOperator ? value.text : quoted(value.text)
    }
  }
}
