import type { AuditEvent, TrailReader } from 'annals'
import { AnnalsError, isPointer, parsePointer, valueAt } from 'annals/model'

/** A column of a table of events. */
export interface Column {
  readonly name: string
  readonly value: (event: AuditEvent) => unknown
}

/** Columns when none are named. */
export const COLUMNS: readonly string[] = [
  'index',
  'id',
  'occurredAt',
  'recordedAt',
  'action',
  'outcome.result',
  'outcome.code',
  'actor.type',
  'actor.id',
  'actor.name',
  'target',
  'targets.0.name',
  'tenant',
  'project',
  'origin.ip',
  'sentence',
]

/** Most columns of one table. */
export const MOST_COLUMNS = 100

/** What an event can have at the top: a column of anything else would be empty by mistake. */
const MEMBERS: ReadonlySet<string> = new Set(
  'id index action version phase operation outcome occurredAt recordedAt actor targets tenant project origin changes topics tags description data source backfill truncated notes visibility retention erased'.split(
    ' ',
  ),
)

/**
 * The columns of these names: a place in the event, as names joined by dots or as a JSON pointer; or `sentence`, the line that
 * describes it, `actor` and `target`, each as type/id.
 *
 * @throws AnnalsError ANNALS_INVALID for a name that is none
 * @example
 * ```ts
 * columnsOf(['index', 'actor.id', '/tags/cost.center', 'sentence'], reader)
 * ```
 */
export function columnsOf(
  names: readonly string[],
  reader: Pick<TrailReader, 'describe'>,
): readonly Column[] {
  return names.map(name => ({ name, value: reading(name, reader) }))
}

function reading(name: string, reader: Pick<TrailReader, 'describe'>): Column['value'] {
  if (name === 'sentence') return event => reader.describe(event)
  if (name === 'actor') return ({ actor }) => `${actor.type}/${actor.id}`
  if (name === 'target')
    return ({ targets: [first] }) => (first === undefined ? undefined : `${first.type}/${first.id}`)
  const isPath = !name.startsWith('/')
  const segments = isPath ? name.split('.') : isPointer(name) ? parsePointer(name) : []
  if (!MEMBERS.has(segments[0] ?? '')) {
    throw new AnnalsError(
      'ANNALS_INVALID',
      `fields: there is no field ${JSON.stringify(name.slice(0, 100))}.`,
      {
        path: 'fields',
        hint: 'Name a place of an event, such as actor.id or /tags/cost.center, or sentence, actor or target.',
      },
    )
  }
  return event => valueAt(event, segments)
}
