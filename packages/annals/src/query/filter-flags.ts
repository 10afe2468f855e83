import { and, not, type Query, type Value } from './ast.ts'
import { filter } from './filter.ts'

/**
 * Filters as command-line flags give them. A flag may be repeated and its values separated by commas: any of them. A
 * leading `!` negates the whole value. Double quotes keep commas and make `*` literal.
 */
export interface FilterFlags {
  readonly actor?: readonly string[] | undefined
  readonly action?: readonly string[] | undefined
  readonly target?: readonly string[] | undefined
  readonly outcome?: readonly string[] | undefined
  /** Operation ids. */
  readonly op?: readonly string[] | undefined
  /** `key=value` (exact unless it holds `*`), `key:value`, or `key` alone: has the tag. */
  readonly tag?: readonly string[] | undefined
  /** Correlation ids. */
  readonly corr?: readonly string[] | undefined
  readonly ip?: readonly string[] | undefined
  /** Outcome failure or denied. */
  readonly failed?: boolean | undefined
  readonly denied?: boolean | undefined
}

const FIELD_OF = {
  actor: 'actor',
  action: 'action',
  target: 'target',
  outcome: 'outcome',
  op: 'operation',
  corr: 'corr',
  ip: 'ip',
} as const

/**
 * The query that flags stand for: different flags all hold. Join it to a text query by {@link combineQueries}.
 *
 * @throws TypeError for an unknown flag
 * @example
 * ```ts
 * printQuery(filtersToQuery({ actor: ['a', '!b'], tag: ['env=prod'], failed: true }))
 * // 'actor:a -actor:b tag.env=prod is:failed'
 * ```
 */
export function filtersToQuery(flags: FilterFlags): Query {
  for (const name of Object.keys(flags)) {
    if (!Object.hasOwn(FIELD_OF, name) && !['tag', 'failed', 'denied'].includes(name)) {
      throw new TypeError(`filtersToQuery: there is no filter ${JSON.stringify(name)}`)
    }
  }
  const queries: Query[] = []
  for (const [flag, field] of Object.entries(FIELD_OF)) {
    const given = flags[flag as keyof typeof FIELD_OF] ?? []
    queries.push(...fieldQueries(given, values => filter(field, ':', values)))
  }
  queries.push(...tagQueries(flags.tag ?? []))
  if (flags.failed) queries.push(filter('is', ':', ['failed']))
  if (flags.denied) queries.push(filter('outcome', ':', ['denied']))
  return and(queries)
}

function fieldQueries(
  given: readonly string[],
  make: (values: readonly (string | Value)[]) => Query,
): Query[] {
  const wanted = given.filter(item => !item.startsWith('!')).flatMap(splitValues)
  const unwanted = given.filter(item => item.startsWith('!')).map(item => splitValues(item.slice(1)))
  const negative = unwanted.filter(values => values.length > 0).map(values => not(make(values)))
  return wanted.length === 0 ? negative : [make(wanted), ...negative]
}

function tagQueries(given: readonly string[]): Query[] {
  const byKey = new Map<
    string,
    { negative: boolean; key: string; op: ':' | '='; values: (string | Value)[] }
  >()
  for (const item of given) {
    const negative = item.startsWith('!')
    const [, key = '', sign, rest = ''] = /^([^=:]*)([=:])?(.*)$/s.exec(negative ? item.slice(1) : item) ?? []
    const values = sign === undefined ? [{ kind: 'any' } as const] : splitValues(rest)
    const isLoose = sign !== '=' || values.some(value => typeof value === 'string' && value.includes('*'))
    const op = isLoose ? ':' : '='
    // A negated value stays a filter of its own; the others of one key are alternatives.
    const subject = `${negative ? byKey.size : ''}!${op}${key}`
    const known = byKey.get(subject)
    if (known) known.values.push(...values)
    else byKey.set(subject, { negative, key, op, values })
  }
  return [...byKey.values()].map(({ negative, key, op, values }) => {
    const query = filter('tag', op, values.length === 0 ? [''] : values, key)
    return negative ? not(query) : query
  })
}

/** Values between commas that stand outside double quotes. */
function splitValues(item: string): (string | Value)[] {
  const parts = item.match(/"(?:[^"\\]|\\.)*"|[^,]+/gs) ?? []
  return parts
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => {
      const inner = /^"(.*)"$/s.exec(part)?.[1]
      return inner === undefined ? part : { kind: 'text', text: inner.replace(/\\(["\\])/g, '$1') }
    })
}
