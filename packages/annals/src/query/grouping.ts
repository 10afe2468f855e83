import { AnnalsError, type AuditEvent } from '../model/index.ts'
import type { Field } from './field.ts'
import { nearestField, readFieldName } from './find-field.ts'

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
 * How to group by a field: any string field of the query language, or `month`, `day`, `hour`, `minute` of occurredAt (UTC).
 * An event with several values, such as targets, counts under the first.
 *
 * @throws AnnalsError ANNALS_QUERY for a field that cannot be grouped by
 * @example
 * ```ts
 * groupValue('action')(event) // 'machine.delete'
 * ```
 */
export function groupValue(name: string): GroupValue {
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

/** Groupings that need only the hour of occurredAt, the action and the outcome, so that small rollups answer them. */
export const ROLLUP_GROUPINGS: readonly string[] = ['action', 'outcome', 'hour', 'day', 'month']
