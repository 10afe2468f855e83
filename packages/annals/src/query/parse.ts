import { ALL, and, type Filter, not, or, type Query } from './ast.ts'
import { filterSubject, widensRepeated } from './filter.ts'
import { isSpace } from './lexical.ts'
import { parseFilterOrText } from './parse-term.ts'
import { printQuery } from './print.ts'
import { refuse } from './refuse.ts'
import { bareAhead, MAX_QUERY_DEPTH, MAX_QUERY_LENGTH, peek, type Scan, scanOf, skipSpace } from './scan.ts'
import { placed, spanOf } from './span.ts'

/**
 * Reads a query. Terms side by side all hold; but of one positive field, repeated, any may; `AND` between terms
 * parts them. Comparisons (`>` and its like, `after`, `before`) narrow when repeated. An empty query matches
 * everything. What is accepted is also accepted in its canonical form.
 *
 * @throws AnnalsError ANNALS_QUERY with `position` and `hint`, also beyond 2,000 characters, 10 levels or 64 terms
 * @example
 * ```ts
 * parseQuery('actor:alice action:machine.* -outcome:success tag.env=prod "rack 4"')
 * ```
 */
export function parseQuery(text: string): Query {
  if (typeof text !== 'string') throw new TypeError('parseQuery: the query must be a string')
  if (text.length > MAX_QUERY_LENGTH) {
    const span = [MAX_QUERY_LENGTH, text.length] as const
    return refuse(`a query has at most ${MAX_QUERY_LENGTH} characters`, span, 'split it into several queries')
  }
  const query = parseWhole(text)
  const canonical = printQuery(query)
  if (canonical !== text) checkCanonical(canonical)
  return query
}

/** Writing a query out in full can lengthen and deepen it; what is stored must still be readable. */
function checkCanonical(canonical: string): void {
  const hint = 'split it into several queries'
  if (canonical.length > MAX_QUERY_LENGTH)
    refuse('written out in full, the query is too long', undefined, hint)
  try {
    parseWhole(canonical)
  } catch {
    refuse('written out in full, the query is nested too deeply', undefined, hint)
  }
}

function parseWhole(text: string): Query {
  const scan = scanOf(text)
  if (!skipSpace(scan)) return ALL
  const query = parseOr(scan)
  if (scan.at < text.length) refuse('a ) closes nothing', [scan.at, scan.at + 1], 'remove it')
  return query
}

function parseOr(scan: Scan): Query {
  const branches = [parseAnd(scan)]
  while (takeKeyword(scan, 'OR')) branches.push(parseAnd(scan))
  return or(branches)
}

interface Term {
  readonly query: Query
  /** Set when repeating its field widens. */
  readonly filter: Filter | undefined
}

function parseAnd(scan: Scan): Query {
  const parts: Query[] = []
  let run: Term[] = []
  for (;;) {
    run.push(parseTerm(scan))
    if (takeKeyword(scan, 'AND')) {
      parts.push(...mergeRepeated(run))
      run = []
    } else if (!skipSpace(scan) || peek(scan) === ')' || bareAhead(scan) === 'OR') break
  }
  return and([...parts, ...mergeRepeated(run)])
}

function parseTerm(scan: Scan): Term {
  skipSpace(scan)
  const from = scan.at
  const isNegated = takeNegation(scan)
  if (peek(scan) === '(') {
    const inner = parseGroup(scan)
    return { query: isNegated ? not(inner) : inner, filter: undefined }
  }
  const query = parseFilterOrText(scan)
  if (isNegated) return { query: placed(not(query), [from, scan.at]), filter: undefined }
  return { query, filter: query.kind === 'filter' && widensRepeated(query) ? query : undefined }
}

function parseGroup(scan: Scan): Query {
  const from = scan.at++
  if (++scan.depth > MAX_QUERY_DEPTH) {
    refuse(`parentheses nest at most ${MAX_QUERY_DEPTH} deep`, [from, scan.at], 'write a flatter query')
  }
  const query = parseOr(scan)
  if (peek(scan) !== ')') refuse('a ( is not closed', [from, from + 1], 'add a )')
  scan.at++
  scan.depth--
  return query
}

function takeNegation(scan: Scan): boolean {
  const from = scan.at
  const run = bareAhead(scan)
  if (run === 'NOT') {
    scan.at += run.length
    skipSpace(scan)
  } else if (run.startsWith('-')) {
    scan.at++
    if (peek(scan) === '' || isSpace(peek(scan))) {
      refuse('- negates what follows it at once', [from, from + 1], 'remove the space after -')
    }
  } else return false
  const next = bareAhead(scan)
  if (next === 'NOT' || next.startsWith('-')) {
    refuse('a term is negated twice', [from, scan.at + 1], 'remove both, or use parentheses')
  }
  return true
}

function takeKeyword(scan: Scan, keyword: 'AND' | 'OR'): boolean {
  skipSpace(scan)
  if (bareAhead(scan) !== keyword) return false
  scan.at += keyword.length
  skipSpace(scan)
  return true
}

/** Joins the filters of one field into "any of", at the place of the first. */
function mergeRepeated(run: readonly Term[]): Query[] {
  const subjects = new Map<string, Filter[]>()
  const places: (Query | readonly Filter[])[] = []
  for (const { query, filter } of run) {
    const subject = filter && filterSubject(filter)
    const same = subject === undefined ? undefined : subjects.get(subject)
    if (!filter || subject === undefined) places.push(query)
    else if (same) addAlternative(same, filter)
    else {
      const list = [filter]
      subjects.set(subject, list)
      places.push(list)
    }
  }
  return places.map(place => ('kind' in place ? place : or(place)))
}

function addAlternative(list: Filter[], filter: Filter): void {
  const at = list.findIndex(other => other.op === filter.op)
  const other = list[at]
  if (!other) list.push(filter)
  else list[at] = placed({ ...other, values: [...other.values, ...filter.values] }, spanOf(other) ?? [0, 0])
}
