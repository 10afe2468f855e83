import { networkPrefixes, parseAddress } from './address.ts'
import { dottedPlace } from './changes.ts'
import { tagPrefix } from './event-terms.ts'
import type { StringField } from './field.ts'
import type { ResolvedFilter, Test } from './resolved.ts'
import { encodePrefix, encodeTerm } from './term.ts'
import { ANY, type Candidates, candidatesOr } from './term-expr.ts'

/** The candidates of one test of a string field. */
export function stringCandidates(field: StringField, key: ResolvedFilter['key'], test: Test): Candidates {
  if (field.kind === 'path') return pathCandidates(field.name === 'topic', test)
  if (field.kind === 'address') return addressCandidates(test)
  if (field.name === 'from' || field.name === 'to') return { ...term('y:has-changes'), exact: false }
  if (field.kind === 'error' && test.how === 'present') return term('y:has-error')
  if (!field.index) return ANY
  const { prefix, shared, orId, few, typed, usual, places } = field.index
  if (usual !== undefined) return usualCandidates(`${prefix}:`, usual, test)
  if (typed !== undefined) return typedCandidates(`${prefix}:`, `${typed}:`, test)
  if (places) return { ...valueCandidates(`${prefix}:`, dotted(test), true), exact: false }
  const tag = field.keyed ? tagPrefix(key.name) : undefined
  const head = tag ? `${prefix}:${tag.text}=` : `${prefix}:`
  const found = valueCandidates(head, test, few === true || tag !== undefined)
  const isExact = found.exact && !shared && !orId && !field.caseSensitive && (!tag || (tag.exact && key.fold))
  const either = orId ? candidatesOr([found, valueCandidates('j:', test, false)]) : found
  return { expr: either.expr, exact: isExact }
}

/** Every event has a value, and the usual one has no term. */
function usualCandidates(head: string, usual: string, test: Test): Candidates {
  if (test.how === 'present') return { expr: { kind: 'all' }, exact: true }
  return test.how === 'equals' && test.text !== usual ? valueCandidates(head, test, false) : ANY
}

/** A value is also found behind its type and a slash, of which the index has no term: what follows a slash is looked for too. */
function typedCandidates(head: string, typeHead: string, test: Test): Candidates {
  if (test.how === 'identity') {
    return test.id === ''
      ? ANY
      : { ...valueCandidates(head, { how: 'equals', text: test.id, folded: false }, false), exact: false }
  }
  const found = valueCandidates(head, test, false)
  if (test.how === 'equals') {
    const behind = afterSlashes(test.text).map(text => valueCandidates(head, { ...test, text }, false))
    return behind.length === 0 ? found : { ...candidatesOr([found, ...behind]), exact: false }
  }
  if (test.how !== 'pattern' || !test.parts.some(part => part.includes('/'))) return found
  const [first = '', ...more] = test.parts
  const behind = afterSlashes(first).map(text =>
    valueCandidates(head, { ...test, parts: [text, ...more] }, false),
  )
  // The beginning may also lie within the type.
  return { ...candidatesOr([found, beginning(typeHead, first), ...behind]), exact: false }
}

function afterSlashes(text: string): string[] {
  const found: string[] = []
  for (let slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', slash + 1))
    found.push(text.slice(slash + 1))
  return found
}

function dotted(test: Test): Test {
  if (test.how === 'equals') return { ...test, text: dottedPlace(test.text) }
  if (test.how !== 'pattern') return test
  const [first = '', ...more] = test.parts
  // Half an escape at the end of the beginning means nothing yet.
  return { ...test, parts: [first.endsWith('~') ? '' : dottedPlace(first), ...more] }
}

function valueCandidates(head: string, test: Test, few: boolean): Candidates {
  switch (test.how) {
    case 'present':
      return few ? prefix(head) : ANY
    case 'equals': {
      const { text, exact } = encodeTerm(test.text)
      return { expr: { kind: 'term', term: head + text }, exact: exact && test.folded }
    }
    case 'pattern': {
      const [first = '', second, ...more] = test.parts
      const found = beginning(head, first)
      return { expr: found.expr, exact: found.exact && test.folded && second === '' && more.length === 0 }
    }
    case 'identity': {
      const { text } = encodeTerm(`${test.type}/${test.id}`)
      // An actor without id has no such term.
      return test.id === '' ? ANY : { expr: { kind: 'term', term: head + text }, exact: false }
    }
    case 'action':
    case 'network':
    case 'words':
    case 'range':
    case 'compare':
    case 'flag':
      return ANY
  }
}

function pathCandidates(withTopics: boolean, test: Test): Candidates {
  if (test.how === 'present') return { expr: { kind: 'all' }, exact: true }
  if (test.how === 'equals') {
    const { text } = encodeTerm(test.text)
    const action = term(`x:${text}`)
    return { ...(withTopics ? candidatesOr([action, term(`o:${text}`)]) : action), exact: false }
  }
  if (test.how !== 'action') return ANY
  const starred = test.segments.findIndex(segment => segment.endsWith('*'))
  if (starred >= 0) return starredCandidates(withTopics, test.segments, starred)
  if (test.segments.length === 0) return { expr: { kind: 'all' }, exact: true }
  const { text, exact } = encodeTerm(test.segments.join('.'))
  const action = test.below ? candidatesOr([term(`x:${text}`), term(`a:${text}`)]) : term(`x:${text}`)
  const found = withTopics ? candidatesOr([action, term(`o:${text}`)]) : action
  // A topic's own term cannot be told from that of one below it.
  return { expr: found.expr, exact: exact && (test.below || !withTopics) }
}

/** `a.b*` is a beginning of the path; what stands behind an inner star is left to the matcher. */
function starredCandidates(withTopics: boolean, segments: readonly string[], starred: number): Candidates {
  const isLast = starred === segments.length - 1
  const head = segments
    .slice(0, starred + 1)
    .join('.')
    .slice(0, -1)
  const action = beginning('x:', head)
  const found = withTopics ? candidatesOr([action, beginning('o:', head)]) : action
  // A lone * asks for a segment that a path ending in the head does not have.
  return { expr: found.expr, exact: found.exact && isLast && segments[starred] !== '*' }
}

function addressCandidates(test: Test): Candidates {
  if (test.how === 'network') return candidatesOr(networkPrefixes(test).map(hex => prefix(`i:${hex}`)))
  if (test.how !== 'equals') return ANY
  const hex = parseAddress(test.text)
  return { ...term(hex === undefined ? `ir:${encodeTerm(test.text).text}` : `i:${hex}`), exact: false }
}

function beginning(head: string, text: string): Candidates {
  if (text === '') return ANY
  const encoded = encodePrefix(text)
  if (encoded.text.endsWith('%')) return { ...term(head + encoded.text), exact: false }
  return encoded.text === ''
    ? ANY
    : { expr: { kind: 'prefix', term: head + encoded.text }, exact: encoded.exact }
}

function term(text: string): Candidates {
  return { expr: { kind: 'term', term: text }, exact: true }
}

function prefix(text: string): Candidates {
  return { expr: { kind: 'prefix', term: text }, exact: true }
}
