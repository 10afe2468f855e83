import fc from 'fast-check'
import { OUTCOME_RESULTS, PHASES, VISIBILITIES } from '../model/index.ts'
import { and, type Filter, not, type Operator, or, type Query, type Value } from './ast.ts'
import { ACTIONS, IPS, KEYS, LONG, PATHS, STRINGS } from './events.test-support.ts'
import { isOrdered } from './field.ts'
import { FIELDS } from './fields.ts'
import { filter, readBareValue, text } from './filter.ts'
import { isBare } from './lexical.ts'
import { printQuery } from './print.ts'

/** Any tree of queries over some leaves, in normal form and within the limits of the language. */
function treeOf(leaf: fc.Arbitrary<Query>): fc.Arbitrary<Query> {
  const { node } = fc.letrec<{ node: Query }>(tie => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'medium' },
      { weight: 3, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map(and) },
      { weight: 1, arbitrary: fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map(or) },
      { weight: 1, arbitrary: tie('node').map(not) },
    ),
  }))
  return node.filter(query => printQuery(query).length <= 2000 && countTerms(query) <= 64)
}

function countTerms(query: Query): number {
  if (query.kind === 'filter') return query.values.length
  if (query.kind === 'not') return countTerms(query.of)
  return query.kind === 'and' || query.kind === 'or' ? query.of.reduce((sum, q) => sum + countTerms(q), 0) : 1
}

const AWKWARD = [
  'AND',
  'OR',
  'NOT',
  '-x',
  '',
  '*',
  '..',
  '1..2',
  '>5',
  '=x',
  '\\',
  '\\"',
  'a:b',
  'a(b)',
  ' ',
  'me',
  'ä b',
  'a*b',
  '1..',
]
const anyString = fc.oneof(
  fc.constantFrom(...AWKWARD, ...STRINGS),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

/** Any syntactically valid query, sensible or not. */
export const arbitraryQuery: fc.Arbitrary<Query> = treeOf(
  fc.oneof(
    { weight: 4, arbitrary: filterOf(anyString, anyString) },
    { weight: 1, arbitrary: fc.tuple(anyString, fc.boolean()).map(([words, phrase]) => text(words, phrase)) },
    { weight: 1, arbitrary: fc.constant<Query>({ kind: 'all' }) },
  ),
)

const BARE_WORDS = ['alice', 'web', '3', 'w', 'we', 'failed', 'del', 'machine', LONG, 'Jör', 'ασ', 'x']
const PHRASES = ['rack 4', 'permission denied', 'denied permission', 'it s 100', 'web-3']
const TIMES = [
  '2026-11-20',
  '2026-11',
  '24h',
  'now-1h',
  'yesterday',
  '2026-11-21T10:00',
  '2026-11-20..2026-11-21T05:00',
]
const VALUES: Readonly<Record<string, readonly string[]>> = {
  action: [...ACTIONS, 'machine.*', 'mac*', '*.nic.*', 'machine.*.add', 'log.*', 'a.b*', '*'],
  ip: [...IPS.slice(0, 4), '10.0.0.0/8', '10.4.0.0/14', '0.0.0.0/0', '2001:db8::/33', '::/0', '*'],
  index: ['0', '7', '5..20', '..9', '30..', '*'],
  took: ['5s', '0ms', '1s..2m', '*'],
  changed: [...PATHS, 'owner', 'spec.owner', 'spec', 'a/b', 'a.b', 'spec*', '*'],
  outcome: [...OUTCOME_RESULTS, 'succes', 's*'],
  phase: PHASES,
  visibility: VISIBILITIES,
  id: ['id-1', 'id-2', 'ID-1', 'id-*', 'no'],
  operation: ['id-1', 'op-1', 'op*'],
  is: ['failed', 'impersonated', 'internal', 'archived', 'redacted', 'erased', 'backfilled', 'no'],
  has: ['error', 'changes', 'data', 'tags', 'topics', 'ip', 'took', 'no'],
}

/** A query that resolves, over values that arbitrary events has. */
export const arbitraryResolvable: fc.Arbitrary<Query> = treeOf(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .constantFrom(...FIELDS.map(field => field.name))
        .chain(name =>
          filterOf(valuesOf(name), fc.constantFrom(...KEYS, 'owner', 'spec.owner', '/spec'), [name]),
        ),
    },
    { weight: 1, arbitrary: fc.constantFrom(...BARE_WORDS).map(words => text(words)) },
    { weight: 1, arbitrary: fc.constantFrom(...PHRASES).map(words => text(words, true)) },
  ),
)

function valuesOf(name: string): fc.Arbitrary<string> {
  const field = FIELDS.find(candidate => candidate.name === name)
  if (field?.kind === 'time') return fc.constantFrom(...TIMES.slice(0, isOrdered(field) ? undefined : -1))
  const known = VALUES[name === 'topic' ? 'action' : name]
  return fc.constantFrom(
    ...(known ?? [...STRINGS, 'al*', '*b', 'a*c*e', '*', `${LONG}*`, `${'ö'.repeat(30)}*`]),
  )
}

function filterOf(
  values: fc.Arbitrary<string>,
  keys: fc.Arbitrary<string>,
  names: readonly string[] = FIELDS.map(field => field.name),
): fc.Arbitrary<Filter> {
  const shape = fc.record({
    field: fc.constantFrom(...FIELDS.filter(field => names.includes(field.name))),
    order: fc.constantFrom<Operator>(':', ':', '=', '>', '>=', '<', '<='),
    values: fc.array(values, { minLength: 1, maxLength: 3 }),
    key: keys,
    literal: fc.boolean(),
  })
  return shape.map(({ field, order, values, key, literal }) => {
    const isSensible = names.length === 1
    // Only : takes ranges and a lone star.
    const isRange = isSensible && isOrdered(field) && values.some(value => /\.\.|^\*$/.test(value))
    const op = !isRange && (order === ':' || order === '=' || isOrdered(field)) ? order : ':'
    const list = values.map(value => asValue(field.name, op, value, literal && !isSensible))
    return filter(field.name, op, list, 'keyed' in field && field.keyed ? key : undefined)
  })
}

function asValue(field: string, op: Operator, value: string, literal: boolean): Value {
  const canBeBare = isBare(value) && !/^[<>]/.test(value)
  return literal || !canBeBare ? { kind: 'text', text: value } : readBareValue(field, op, value)
}
