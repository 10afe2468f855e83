import { AnnalsError } from '../../model/index.ts'
import { fold } from '../../query/index.ts'
import type { CountOptions, Counts, TrailReader } from '../trail.ts'

/** What is listed. */
export interface FacetsOptions
  extends Pick<CountOptions, 'timeZone' | 'now' | 'asOf' | 'includeLog' | 'most' | 'signal'> {
  /** @defaultValue everything */
  readonly query?: string | undefined
  /** Fields of the query language that can be grouped by, at most 20. */
  readonly fields: readonly string[]
  /** Most values of each field, 1 to 1,000. @defaultValue 10 */
  readonly limit?: number | undefined
  /** Only values that begin so, letter case aside. @defaultValue all */
  readonly prefix?: string | undefined
}

/** The values of one field. */
export interface Facet {
  readonly field: string
  /** Those that most events have come first. */
  readonly values: readonly { readonly value: string; readonly count: number }[]
  /** Events that lack the field. */
  readonly missing: number
  /** Events with other values. */
  readonly other: number
}

/** Values of several fields among the matches of a query. */
export interface Facets {
  readonly facets: readonly Facet[]
  readonly total: number
  /** Whether every match was counted. */
  readonly complete: boolean
  /** First position that was counted, where counting stopped early. */
  readonly through?: number
  readonly asOf: number
}

const MOST_FIELDS = 20
const MOST_VALUES = 1_000

/**
 * Counts the values of fields among what a reader sees, in one walk. An event with several values, such as targets, counts under
 * the first.
 *
 * @throws AnnalsError ANNALS_QUERY, also for a field that cannot be grouped by; ANNALS_INVALID for a number out of range
 * @example
 * ```ts
 * const { facets: [actors] } = await facets(trail, { query: 'outcome:denied', fields: ['actor', 'action'] })
 * ```
 */
export async function facets(
  reader: Pick<TrailReader, 'count'>,
  { query = '', fields, limit = 10, prefix = '', ...options }: FacetsOptions,
): Promise<Facets> {
  const names = [...new Set(fields)]
  if (names.length === 0 || names.length > MOST_FIELDS)
    throw invalid('/fields', `must be 1 to ${MOST_FIELDS} fields`)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_VALUES)
    throw invalid('/limit', `must be a whole number from 1 to ${MOST_VALUES}`)
  const { total, groups, complete, through, asOf } = await reader.count(query, names, {
    ...options,
    each: true,
  })
  return {
    facets: names.map(field => facetOf(field, total, groups, { limit, prefix: fold(prefix) })),
    total,
    complete,
    ...(through === undefined ? {} : { through }),
    asOf,
  }
}

function facetOf(
  field: string,
  total: number,
  groups: Counts['groups'],
  { limit, prefix }: { readonly limit: number; readonly prefix: string },
): Facet {
  const values: { value: string; count: number }[] = []
  let missing = 0
  for (const { key, count } of groups) {
    const value = Object.hasOwn(key, field) ? key[field] : undefined
    if (value === null) missing = count
    else if (
      value !== undefined &&
      values.length < limit &&
      (prefix === '' || fold(value).startsWith(prefix))
    )
      values.push({ value, count })
  }
  const listed = values.reduce((sum, { count }) => sum + count, missing)
  return { field, values, missing, other: total - listed }
}

function invalid(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path.slice(1)}: ${what}.`, { path })
}
