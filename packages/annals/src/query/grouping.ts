import { AnnalsError, type AuditEvent } from '../model/index.ts'
import type { Field } from './field.ts'
import { nearestField, readFieldName } from './find-field.ts'

/** Spans of occurredAt between these instants, ms since the epoch, rising. The value is the beginning of the span, ISO 8601 UTC. */
export interface TimeSpans {
  readonly edges: readonly number[]
}

/** What events are grouped by: the name of a field or calendar unit, or spans of time. */
export type GroupBy = string | TimeSpans

/** Events with the same value of each are one group. */
export type Grouping = readonly GroupBy[]

/** Most edges of spans. */
export const MAX_EDGES = 10_000

/** Reads the value that an event is grouped by; null when it lacks the field. */
export type GroupValue = (event: AuditEvent) => string | null

/** Calendar units of occurredAt, UTC, as lengths of the ISO text. */
const CALENDAR: Readonly<Record<string, number>> = { month: 7, day: 10, hour: 13, minute: 16 }

/** Groupings whose value is not simply the field's first string. */
const SPECIAL: Readonly<Record<string, GroupValue>> = {
  actor: event => `${event.actor.type}/${event.actor.id}`,
  target: event =>
    event.targets[0] === undefined ? null : `${event.targets[0].type}/${event.targets[0].id}`,
  error: event => event.outcome.code ?? null,
}

/**
 * How to group: by any string field of the query language, or `month`, `day`, `hour`, `minute` of occurredAt (UTC),
 * or by spans of it, outside of which the value is null. An event with several values, such as targets, counts under the first.
 *
 * @throws AnnalsError ANNALS_QUERY for a field that cannot be grouped by; TypeError for edges that do not rise
 * @example
 * ```ts
 * groupValue('action')(event) // 'machine.delete'
 * ```
 */
export function groupValue(name: GroupBy): GroupValue {
  if (typeof name !== 'string') {
    const spanOf = spanFinder(name)
    return event => spanOf(Date.parse(event.occurredAt))
  }
  const length = Object.hasOwn(CALENDAR, name) ? CALENDAR[name] : undefined
  if (length !== undefined)
    return event => event.occurredAt.slice(0, length) + (length === 13 ? ':00Z' : length === 16 ? 'Z' : '')
  const found = readFieldName(name)
  if (found === undefined || !('strings' in found.field)) {
    const near = nearestField(name)
    throw new AnnalsError('ANNALS_QUERY', `Events cannot be grouped by ${JSON.stringify(name)}.`, {
      hint:
        near === undefined
          ? 'Group by a text field such as action, outcome, actor, or by day or hour.'
          : `Did you mean ${near}?`,
    })
  }
  const field: Field & { strings: unknown } = found.field
  if (Object.hasOwn(SPECIAL, field.name)) return SPECIAL[field.name] as GroupValue
  const key = { name: found.key ?? '', fold: false }
  const { strings } = found.field
  return event => strings(event, key)[0] ?? null
}

/**
 * Finds the span that an instant lies in, and gives its beginning; null outside of all.
 *
 * @throws TypeError for edges that do not rise
 */
export function spanFinder({ edges }: TimeSpans): (time: number) => string | null {
  const rise = edges.every(
    (edge, i) => Number.isSafeInteger(edge) && (i === 0 || edge > (edges[i - 1] as number)),
  )
  if (edges.length < 2 || edges.length > MAX_EDGES || !rise)
    throw new TypeError(`edges: 2 to ${MAX_EDGES} whole numbers of milliseconds that rise`)
  const starts = edges.slice(0, -1).map(edge => new Date(edge).toISOString())
  return time => {
    let lo = 0
    let hi = edges.length
    while (lo < hi) {
      const middle = (lo + hi) >>> 1
      if ((edges[middle] as number) <= time) lo = middle + 1
      else hi = middle
    }
    return starts[lo - 1] ?? null
  }
}

const HOUR_MS = 3_600_000
const ROLLED: readonly string[] = ['action', 'outcome', 'hour', 'day', 'month']

/** Whether a grouping needs only the UTC hour of occurredAt, the action and the outcome, so that small rollups answer it. */
export function isRolled(grouping: Grouping): boolean {
  return grouping.every(by =>
    typeof by === 'string' ? ROLLED.includes(by) : by.edges.every(edge => edge % HOUR_MS === 0),
  )
}
