import { fieldNamed } from './find-field.ts'
import type { Resolved, ResolvedFilter } from './resolved.ts'

/**
 * Whether a query is decided by the headers of entries alone (action, outcome.result, phase, retention, recordedAt,
 * index, id, operation), so that a store need not read the parts.
 *
 * @example
 * ```ts
 * headerOnly(resolveQuery(parseQuery('action:machine.* is:failed'), { now: 0 })) // true
 * headerOnly(resolveQuery(parseQuery('actor:alice'), { now: 0 }))                // false
 * ```
 */
export function headerOnly(query: Resolved): boolean {
  switch (query.kind) {
    case 'all':
      return true
    case 'words':
      return false
    case 'and':
    case 'or':
      return query.of.every(headerOnly)
    case 'not':
      return headerOnly(query.of)
    case 'filter':
      return filterNeedsHeader(query)
  }
}

function filterNeedsHeader({ field: name, tests }: ResolvedFilter): boolean {
  const field = fieldNamed(name)
  if (field.kind !== 'flag') return field.header === true
  return tests.every(test => {
    const flag = test.how === 'flag' && field.flags.find(({ name }) => name === test.name)
    return !flag || flag.header === true
  })
}
