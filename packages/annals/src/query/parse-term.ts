import type { Filter, Operator, Query, Value } from './ast.ts'
import { ALL } from './ast.ts'
import { type Field, isBound, isOrdered } from './field.ts'
import { readBareValue } from './filter.ts'
import { isKeyed, nearestField, readFieldName, type WrittenField, writtenName } from './find-field.ts'
import { endsBare, isSpace, KEYWORDS } from './lexical.ts'
import { refuse, shown } from './refuse.ts'
import { bareAhead, countTerm, peek, readQuoted, type Scan } from './scan.ts'
import { placed, type Span } from './span.ts'

/** Reads a filter, a phrase, bare words, or `*`. */
export function parseFilterOrText(scan: Scan): Query {
  const from = scan.at
  if (peek(scan) === '"') {
    const phrase = readQuoted(scan)
    expectBoundary(scan, false)
    countTerm(scan, from)
    return placed({ kind: 'text', text: phrase, phrase: true }, [from, scan.at])
  }
  const run = bareAhead(scan)
  if (run === '') return refuseChar(scan)
  if (KEYWORDS.includes(run))
    return refuse(`${run} needs a term before and after it`, [from, from + run.length])
  const end = /[:=]/.exec(run)?.index ?? run.length
  const head = run.slice(0, end)
  const hasQuotedKey = end === run.length && head.endsWith('.') && scan.text[from + end] === '"'
  scan.at += end
  if (end < run.length || hasQuotedKey) return parseFilter(scan, from, head, hasQuotedKey)
  return parseBareText(scan, from, run)
}

function parseBareText(scan: Scan, from: number, run: string): Query {
  const written = /^([^<>]+)[<>]/.exec(run)
  const field = written?.[1] === undefined ? undefined : readFieldName(written[1])
  if (field) {
    const operator = run.slice(written?.[1]?.length)
    refuse(`${shown(run)} has no colon`, [from, scan.at], `write ${writtenName(field.field)}:${operator}`)
  }
  expectBoundary(scan, false)
  if (run === '*') return ALL
  countTerm(scan, from)
  return placed({ kind: 'text', text: run, phrase: false }, [from, scan.at])
}

function parseFilter(scan: Scan, from: number, head: string, hasQuotedKey: boolean): Filter {
  const { field, key } = readField(scan, from, head, hasQuotedKey)
  const op = readOperator(scan, field, from)
  const values = [readValue(scan, field.name, op)]
  while (peek(scan) === ',') {
    scan.at++
    values.push(readValue(scan, field.name, op))
  }
  expectBoundary(scan, true)
  return placed({ kind: 'filter', field: field.name, ...(key !== undefined && { key }), op, values }, [
    from,
    scan.at,
  ])
}

function readField(scan: Scan, from: number, head: string, hasQuotedKey: boolean): WrittenField {
  const span: Span = [from, from + head.length]
  if (head === '')
    refuse('the name of a field is missing', [from, from + 1], 'put words to search for in quotes')
  const written = readFieldName(head)
  if (!written) {
    const near = nearestField(head)
    const hint = near === undefined ? 'put words to search for in quotes' : `did you mean ${near}?`
    return refuse(`there is no field ${shown(head)}`, span, hint)
  }
  const key = hasQuotedKey ? readQuoted(scan) : written.key
  if (isKeyed(written.field) && (key === undefined || (key === '' && !hasQuotedKey))) {
    refuse(
      `${written.field.name} needs a key`,
      span,
      `write ${writtenName(written.field)}, as in ${written.field.example}`,
    )
  }
  return { field: written.field, key }
}

function readOperator(scan: Scan, field: Field, from: number): Operator {
  const start = scan.at
  const sign = peek(scan)
  if (sign === '=') {
    scan.at++
    return '='
  }
  if (sign !== ':') return refuse('a field is followed by : or =', [from, scan.at])
  scan.at++
  const order = peek(scan)
  if (order !== '<' && order !== '>') return ':'
  scan.at++
  const op: Operator = peek(scan) === '=' ? `${order}=` : order
  if (op.length === 2) scan.at++
  if (!isOrdered(field)) {
    const hint = isBound(field)
      ? `leave out ${op}: ${field.name} is a comparison`
      : `write ${writtenName(field)}:VALUE`
    refuse(`${field.name} cannot be compared by ${op}`, [start, scan.at], hint)
  }
  return op
}

function readValue(scan: Scan, field: string, op: Operator): Value {
  const from = scan.at
  if (peek(scan) === '"') {
    const text = readQuoted(scan)
    countTerm(scan, from)
    return placed({ kind: 'text', text }, [from, scan.at])
  }
  const bare = bareAhead(scan)
  if (bare === '') {
    const hint = peek(scan) === '(' ? 'separate values by commas' : 'write "" for an empty value'
    refuse(`a value of ${field} is missing`, [from, Math.min(from + 1, scan.text.length)], hint)
  }
  scan.at += bare.length
  countTerm(scan, from)
  return placed(readBareValue(field, op, bare), [from, scan.at])
}

/** After a term come white space, a closing parenthesis or the end; anything else hides a mistake. */
function expectBoundary(scan: Scan, isFilter: boolean): void {
  const char = peek(scan)
  if (char === '' || char === ')' || isSpace(char)) return
  const span: Span = [scan.at, scan.at + 1]
  if (char === ',' && !isFilter)
    refuse('a comma stands only between the values of a field', span, 'leave it out, or quote the text')
  refuse(`${shown(char)} must follow a space`, span, 'put a space before it, or quote the whole value')
}

function refuseChar(scan: Scan): never {
  const char = peek(scan)
  const span: Span = [scan.at, Math.min(scan.at + 1, scan.text.length)]
  if (char === '' || isSpace(char))
    return refuse('a term is missing', span, 'add a filter or words to search for')
  if (char === ')') return refuse('a term is missing before )', span, 'remove the parentheses')
  return refuse(
    `${shown(char)} cannot begin a term`,
    span,
    endsBare(char) ? 'remove it, or quote the text' : undefined,
  )
}
