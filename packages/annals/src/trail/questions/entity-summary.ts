import type { AuditEvent } from '../../model/index.ts'
import { printQuery } from '../../query/index.ts'
import type { CountOptions, TrailReader } from '../trail.ts'
import { type Facet, facets } from './facets.ts'
import { type EntityRef, ofActor, ofTarget } from './of-entity.ts'

/** What happened to an entity, or what it did, in numbers. */
export interface EntitySummary {
  /** First and last event in the log; absent when there is none. */
  readonly first?: AuditEvent
  readonly last?: AuditEvent
  /** Its name in the last event. */
  readonly name?: string
  /** Events. */
  readonly total: number
  /** By outcome, by action, and by who did it; of an actor by address and target instead. */
  readonly facets: readonly Facet[]
  /** Whether every event was counted. */
  readonly complete: boolean
  /** First position that was counted, where counting stopped early. */
  readonly through?: number
  readonly asOf: number
}

/** Options of {@link entitySummary}. */
export interface EntitySummaryOptions extends Pick<CountOptions, 'asOf' | 'includeLog' | 'most' | 'signal'> {
  /** What it was in the events. @defaultValue `target` */
  readonly as?: 'target' | 'actor' | undefined
  /** Most values of each facet. @defaultValue 10 */
  readonly limit?: number | undefined
}

const FIELDS = {
  target: ['outcome', 'action', 'actor'],
  actor: ['outcome', 'action', 'target', 'ip'],
} as const

/**
 * Sums up what a reader sees of an entity.
 *
 * @example
 * ```ts
 * const { first, last, total } = await entitySummary(trail, { type: 'machine', id: 'web-3' })
 * ```
 */
export async function entitySummary(
  reader: Pick<TrailReader, 'count' | 'find' | 'size'>,
  entity: EntityRef,
  { as = 'target', limit, most, ...options }: EntitySummaryOptions = {},
): Promise<EntitySummary> {
  const query = printQuery(as === 'target' ? ofTarget(entity) : ofActor(entity))
  const read = { ...options, asOf: options.asOf ?? reader.size }
  const end = async (order: 'asc' | 'desc'): Promise<AuditEvent | undefined> =>
    (await reader.find(query, { ...read, order, limit: 1 })).events[0]
  const [first, last, counted] = await Promise.all([
    end('asc'),
    end('desc'),
    facets(reader, { ...read, query, fields: FIELDS[as], limit, most }),
  ])
  const name = last === undefined ? undefined : nameIn(last, entity, as)
  return {
    ...(first === undefined || last === undefined ? {} : { first, last }),
    ...(name === undefined ? {} : { name }),
    ...counted,
  }
}

function nameIn(event: AuditEvent, { type, id }: EntityRef, as: 'target' | 'actor'): string | undefined {
  if (as === 'target') return event.targets.find(target => target.type === type && target.id === id)?.name
  for (
    let actor: AuditEvent['actor'] | undefined = event.actor;
    actor !== undefined;
    actor = actor.onBehalfOf
  )
    if (actor.type === type && actor.id === id) return actor.name
  return undefined
}
