import { AnnalsError, OUTCOME_RESULTS, type OutcomeResult } from '../../model/index.ts'
import {
  and,
  calendarEdges,
  filter,
  parseQuery,
  printQuery,
  type Query,
  resolvedBounds,
  resolveQuery,
  type TimeRange,
} from '../../query/index.ts'
import type { CountOptions, TrailReader } from '../trail.ts'

/** What is drawn. */
export interface HistogramOptions
  extends Pick<CountOptions, 'timeZone' | 'now' | 'asOf' | 'includeLog' | 'most' | 'signal'> {
  /** @defaultValue everything */
  readonly query?: string | undefined
  /** First instant of occurredAt. @defaultValue that of the query's own bounds, else of the first match in the log */
  readonly from?: Date | undefined
  /** Instant after the last. @defaultValue likewise */
  readonly to?: Date | undefined
  /** Most buckets, 2 to 120. @defaultValue 60 */
  readonly buckets?: number | undefined
}

/** Events over time, by outcome. */
export interface Histogram {
  /** Where the buckets begin, and the end of the last: ms since the epoch, on boundaries of the zone's calendar. None without events. */
  readonly edges: readonly number[]
  /** For each outcome the events of each bucket. */
  readonly series: Readonly<Record<OutcomeResult, readonly number[]>>
  /** Events in all buckets. */
  readonly total: number
  /** Matches that occurred outside of the buckets, where an end was not given. */
  readonly outside: number
  /** Whether every match was counted. */
  readonly complete: boolean
  /** First position that was counted, where counting stopped early. */
  readonly through?: number
  readonly asOf: number
}

/** Most buckets of a histogram. */
export const MAX_BUCKETS = 120
const BUCKETS = 60

/**
 * Counts what a reader sees over time. Edges lie on boundaries of the calendar and clock of the zone: a day may have 23 or 25
 * hours. Without a filter, and with buckets of whole hours, kept counts answer it.
 *
 * @throws AnnalsError ANNALS_QUERY; ANNALS_INVALID for a range or number that is none
 * @example
 * ```ts
 * await histogram(trail, { query: 'during:2026-10-25', timeZone: 'Europe/Berlin', buckets: 25 })
 * ```
 */
export async function histogram(
  reader: Pick<TrailReader, 'count' | 'find' | 'size'>,
  { query = '', from, to, buckets = BUCKETS, ...options }: HistogramOptions = {},
): Promise<Histogram> {
  if (!Number.isInteger(buckets) || buckets < 2 || buckets > MAX_BUCKETS)
    throw invalid('/buckets', `must be a whole number from 2 to ${MAX_BUCKETS}`)
  const pinned = { ...options, now: options.now ?? new Date(), asOf: options.asOf ?? reader.size }
  const asked = parseQuery(query)
  const given = boundsOf(asked, pinned)
  const range: TimeRange = [
    Math.max(from?.getTime() ?? Number.NEGATIVE_INFINITY, given[0]),
    Math.min(to?.getTime() ?? Number.POSITIVE_INFINITY, given[1]),
  ]
  if (from !== undefined && to !== undefined && !(from.getTime() < to.getTime()))
    throw invalid('/to', 'must be after from')
  const text = printQuery(and([asked, ...bound('after', from), ...bound('before', to)]))
  const whole = await closed(reader, text, range, pinned)
  if (whole === undefined) return { ...NOTHING, asOf: pinned.asOf }
  const edges = calendarEdges(whole, pinned.timeZone ?? 'UTC', buckets)
  const counts = await reader.count(text, [{ edges }, 'outcome'], pinned)
  const places = new Map(edges.map((edge, nth) => [new Date(edge).toISOString(), nth]))
  const series = emptySeries(edges.length - 1)
  let total = 0
  for (const { key, count } of counts.groups) {
    const place = places.get(key['span'] ?? '')
    if (place === undefined) continue
    const line = series[key['outcome'] as OutcomeResult]
    line[place] = (line[place] ?? 0) + count
    total += count
  }
  const { complete, through, asOf } = counts
  return {
    edges,
    series,
    total,
    outside: counts.total - total,
    complete,
    ...(through === undefined ? {} : { through }),
    asOf,
  }
}

const NOTHING = { edges: [], series: emptySeries(0), total: 0, outside: 0, complete: true } as const

function emptySeries(buckets: number): Record<OutcomeResult, number[]> {
  const line = (): number[] => Array.from({ length: buckets }, () => 0)
  return Object.fromEntries(OUTCOME_RESULTS.map(result => [result, line()])) as Record<
    OutcomeResult,
    number[]
  >
}

/** Where matches can have occurred, by what the query says. */
function boundsOf(
  query: Query,
  { now, timeZone }: { readonly now: Date; readonly timeZone?: string | undefined },
): TimeRange {
  // Who `me` is makes no difference to it.
  const me = { type: 'user', id: 'me' }
  return resolvedBounds(resolveQuery(query, { now: now.getTime(), timeZone: timeZone ?? 'UTC', me })).occurred
}

function bound(field: 'after' | 'before', at: Date | undefined): Query[] {
  return at === undefined ? [] : [filter(field, ':', [{ kind: 'text', text: at.toISOString() }])]
}

/** The range with ends: where it has none, those of the first and the last match in the log. Undefined when it is empty. */
async function closed(
  reader: Pick<TrailReader, 'find'>,
  query: string,
  [from, to]: TimeRange,
  options: Pick<CountOptions, 'timeZone' | 'now' | 'asOf' | 'includeLog' | 'signal'>,
): Promise<TimeRange | undefined> {
  if (from >= to) return undefined
  if (Number.isFinite(from) && Number.isFinite(to)) return [from, to]
  const ends = await Promise.all(
    (['asc', 'desc'] as const).map(order => reader.find(query, { ...options, order, limit: 1 })),
  )
  const times = ends.flatMap(({ events }) => events.map(event => Date.parse(event.occurredAt)))
  if (times.length === 0) return undefined
  const begin = Number.isFinite(from) ? from : Math.min(...times)
  const end = Number.isFinite(to) ? to : Math.max(...times) + 1
  return begin < end ? [begin, end] : undefined
}

function invalid(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path.slice(1)}: ${what}.`, { path })
}
