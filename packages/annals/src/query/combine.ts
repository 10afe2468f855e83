import { and, type Query } from './ast.ts'

/**
 * The query that holds where both hold. Fields they share are not merged: a scope joined to a reader's query cannot
 * be widened by it, whatever the query says.
 *
 * @example
 * ```ts
 * printQuery(combineQueries(parseQuery('tenant:acme'), parseQuery('tenant:umbra OR actor:me')))
 * // 'tenant:acme (tenant:umbra OR actor:me)'
 * ```
 */
export function combineQueries(a: Query, b: Query): Query {
  return and([a, b])
}
