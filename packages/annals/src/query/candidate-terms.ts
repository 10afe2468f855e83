import { resolvedBounds } from './bounds.ts'
import { fieldNamed } from './find-field.ts'
import type { Resolved, ResolvedFilter, Test } from './resolved.ts'
import { stringCandidates } from './string-candidates.ts'
import { encodePrefix, encodeTerm } from './term.ts'
import {
  ANY,
  type Candidates,
  candidatesAnd,
  candidatesNot,
  candidatesOr,
  type TermExpr,
} from './term-expr.ts'
import { timeCandidates } from './time-terms.ts'
import type { Touched } from './touched.ts'
import { PREFIX_LENGTH, type WordTest } from './words.ts'

/** What candidates depend on besides the query. */
export interface CandidateOptions {
  /**
   * The actions whose sentence holds, outside the values put into it, a word that begins so. Needed if and only if the
   * matcher is given sentences; those may put in whole searched texts (names, ids, tag values, …) and nothing else.
   */
  readonly wordActions?: ((word: string) => readonly string[]) | undefined
  /** How masks may change what a leaf of the query finds: the index has terms of events without masks. */
  readonly touched?: ((leaf: Resolved) => Touched) | undefined
}

/**
 * What to ask an index of {@link eventTerms} for: a superset of the matches, each of which is to be checked by
 * {@link matcher}. `not` stands only where it is exact; what terms cannot say becomes `all`.
 *
 * @example
 * ```ts
 * candidateTerms(resolveQuery(parseQuery('actor:al* -outcome:success'), { now: 0 }))
 * // { kind: 'and', of: [{ kind: 'prefix', term: 'u:al' }, { kind: 'not', of: { kind: 'term', term: 'r:success' } }] }
 * ```
 */
export function candidateTerms(query: Resolved, options: CandidateOptions = {}): TermExpr {
  return candidates(query, options).expr
}

function candidates(query: Resolved, options: CandidateOptions): Candidates {
  switch (query.kind) {
    case 'all':
      return { expr: { kind: 'all' }, exact: true }
    case 'and':
      return allCandidates(query.of, options)
    case 'or':
      return candidatesOr(query.of.map(member => candidates(member, options)))
    case 'not':
      return candidatesNot(candidates(query.of, options))
    case 'words':
      return touched(query, wordCandidates(query, options), options)
    case 'filter':
      return touched(query, candidatesOr(query.tests.map(test => filterCandidates(query, test))), options)
  }
}

function touched(leaf: Resolved, found: Candidates, options: CandidateOptions): Candidates {
  switch (options.touched?.(leaf) ?? 'no') {
    case 'no':
      return found
    case 'less':
      return { ...found, exact: false }
    case 'other':
      return ANY
  }
}

/** `after:` and `before:` are bounds that only together make a window: times are taken as one. */
function allCandidates(of: readonly Resolved[], options: CandidateOptions): Candidates {
  const times = of.filter(isOccurred)
  const others = of.filter(member => !isOccurred(member)).map(member => candidates(member, options))
  if (times.length === 0) return candidatesAnd(others)
  const window = timeCandidates(...resolvedBounds({ kind: 'and', of: times }).occurred)
  const isOneRange = times.every(time => time.tests.length === 1)
  return candidatesAnd([{ expr: window.expr, exact: window.exact && isOneRange }, ...others])
}

function isOccurred(query: Resolved): query is ResolvedFilter {
  if (query.kind !== 'filter') return false
  const field = fieldNamed(query.field)
  return field.kind === 'time' && field.time === 'occurred'
}

function filterCandidates({ field: name, key }: ResolvedFilter, test: Test): Candidates {
  const field = fieldNamed(name)
  if (field.kind === 'flag') {
    const flag = test.how === 'flag' ? field.flags.find(({ name }) => name === test.name) : undefined
    if (!flag) return { expr: { kind: 'none' }, exact: true }
    return flag.indexed ? exactTerm(flag.sameAs ?? `y:${field.name}-${flag.name}`) : ANY
  }
  if (field.kind === 'time') {
    return field.time === 'occurred' && test.how === 'range' ? timeCandidates(test.from, test.to) : ANY
  }
  if (!('strings' in field)) return ANY
  if (test.how === 'words') return { ...wordCandidates(test, {}), exact: false }
  return stringCandidates(field, key, test)
}

function wordCandidates({ words, phrase }: WordTest, { wordActions }: CandidateOptions): Candidates {
  const each = words.map(word => {
    const found = wordTerm(word, phrase)
    if (!wordActions) return found
    const bySentence = wordActions(word).map(action => exactTerm(`x:${encodeTerm(action).text}`))
    return { ...candidatesOr([found, ...bySentence]), exact: false }
  })
  const all = candidatesAnd(each)
  return phrase ? { expr: all.expr, exact: all.exact && words.length === 1 } : all
}

function wordTerm(word: string, whole: boolean): Candidates {
  const asPrefix = !whole && word.length >= PREFIX_LENGTH
  const { text, exact } = asPrefix ? encodePrefix(word) : encodeTerm(word)
  return { expr: { kind: asPrefix && exact ? 'prefix' : 'term', term: `w:${text}` }, exact }
}

function exactTerm(term: string): Candidates {
  return { expr: { kind: 'term', term }, exact: true }
}
