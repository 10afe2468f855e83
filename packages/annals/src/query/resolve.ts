import type { Filter, Query, Text } from './ast.ts'
import { fieldNamed } from './find-field.ts'
import type { QueryContext } from './query-context.ts'
import { refuse, refusingAt, shown } from './refuse.ts'
import { resolveNumber, resolveTime } from './resolve-number.ts'
import { resolveFlag, resolveString } from './resolve-string.ts'
import type { Resolved, Test } from './resolved.ts'
import { spanOf } from './span.ts'
import { words } from './words.ts'

/**
 * Understands and checks every value of a query: times become half-open ranges of milliseconds, `me` a principal,
 * addresses and wildcards are taken apart. The result is plain data and means the same for ever.
 *
 * @throws AnnalsError ANNALS_QUERY for a value the field cannot take, at its position
 * @throws TypeError when `now` is no number
 * @example
 * ```ts
 * resolveQuery(parseQuery('actor:me after:24h'), { now: Date.now(), timeZone: 'UTC', me: { type: 'user', id: 'u1' } })
 * ```
 */
export function resolveQuery(query: Query, context: QueryContext): Resolved {
  if (!Number.isFinite(context.now))
    throw new TypeError('resolveQuery: now must be milliseconds since the epoch')
  return resolve(query, context)
}

function resolve(query: Query, context: QueryContext): Resolved {
  switch (query.kind) {
    case 'all':
      return { kind: 'all' }
    case 'and':
    case 'or':
      return { kind: query.kind, of: query.of.map(member => resolve(member, context)) }
    case 'not':
      return { kind: 'not', of: resolve(query.of, context) }
    case 'text':
      return resolveText(query)
    case 'filter':
      return resolveFilter(query, context)
  }
}

function resolveText(query: Text): Resolved {
  const found = words(query.text)
  if (found.length === 0) {
    refuse(`${shown(query.text)} holds no word to search for`, spanOf(query), 'search for letters or digits')
  }
  return { kind: 'words', words: found, phrase: query.phrase }
}

function resolveFilter(filter: Filter, context: QueryContext): Resolved {
  const field = fieldNamed(filter.field)
  const tests = filter.values.flatMap(value =>
    refusingAt<readonly Test[]>(spanOf(value) ?? spanOf(filter), () => {
      if (field.kind === 'flag') return resolveFlag(filter, value)
      if (field.kind === 'time') return [resolveTime(field, filter.op, value, context)]
      if ('number' in field) return [resolveNumber(field, filter.op, value)]
      return resolveString(field, filter.op, value, context)
    }),
  )
  return {
    kind: 'filter',
    field: filter.field,
    key: { name: filter.key ?? '', fold: filter.op === ':' },
    tests,
  }
}
