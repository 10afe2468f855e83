import type { AuditEvent } from '../../model/index.ts'
import { and, filter, or, printQuery, type Query } from '../../query/index.ts'
import type { FindOptions, TrailReader } from '../trail.ts'
import { exactly, isAbout, ofActor, ofTarget } from './of-entity.ts'

/** What two events share, the closest first. */
export type Relation = 'operation' | 'request' | 'correlation'

/** An event that shares something with another. */
export interface RelatedEvent {
  readonly event: AuditEvent
  readonly by: readonly Relation[]
}

/** What happened around an event. */
export interface Related {
  /** The event and all that share its operation, request or correlation id, oldest first. */
  readonly linked: readonly RelatedEvent[]
  /** Whether more are linked than are listed: those farthest away are left out. */
  readonly more: boolean
  /** What the same actor did within 5 minutes before and after, oldest first, at most 25 each, without what is linked. */
  readonly nearby: readonly AuditEvent[]
  /** What happened to the same first target before, without what is linked. */
  readonly before?: AuditEvent
  /** And after. */
  readonly after?: AuditEvent
}

/** Options of {@link related}. */
export interface RelatedOptions extends Pick<FindOptions, 'asOf' | 'includeLog' | 'signal'> {
  /** Most linked events, from 1 to 1,000. @defaultValue 200 */
  readonly most?: number | undefined
}

const MOST_LINKED = 200
const MOST_NEARBY = 25
const NEARBY_MS = 5 * 60_000
/** Events that are looked through for the next one about a target: names are found as well as ids. */
const LOOKED_THROUGH = 50
const NONE: Around = [[], []]
/** Actors that stand for nobody in particular. */
const NOBODY: ReadonlySet<string> = new Set(['unknown', 'anonymous', 'hidden', 'erased'])

/**
 * Finds what belongs to an event among what a reader sees: pass the event as that reader got it.
 *
 * @example
 * ```ts
 * const { linked } = await related(trail, event)
 * ```
 */
export async function related(
  reader: Pick<TrailReader, 'find'>,
  event: AuditEvent,
  { most = MOST_LINKED, ...options }: RelatedOptions = {},
): Promise<Related> {
  const { events, more } = await linkedTo(reader, event, most, options)
  const known = new Set(events.map(({ index }) => index))
  const others = async (query: Query, limit: number): Promise<Around> => {
    const [older, newer] = await around(
      reader,
      event.index,
      query,
      Math.min(1_000, limit + known.size),
      options,
    )
    const unknown = (list: readonly AuditEvent[]): AuditEvent[] =>
      list.filter(({ index }) => !known.has(index))
    return [unknown(older), unknown(newer)]
  }
  const isSomebody = !NOBODY.has(event.actor.type)
  const nearby = isSomebody ? await others(near(event), MOST_NEARBY) : NONE
  const [target] = event.targets
  const about = target === undefined ? NONE : await others(ofTarget(target), LOOKED_THROUGH)
  const [before, after] = about.map(list => list.find(one => target !== undefined && isAbout(one, target)))
  return {
    linked: events.map(one => ({ event: one, by: shared(event, one) })),
    more,
    nearby: [...nearby[0].slice(0, MOST_NEARBY).reverse(), ...nearby[1].slice(0, MOST_NEARBY)],
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

/** Events before a position, newest first, and after it, oldest first. */
type Around = readonly [older: readonly AuditEvent[], newer: readonly AuditEvent[]]

async function around(
  reader: Pick<TrailReader, 'find'>,
  index: number,
  query: Query,
  limit: number,
  options: Pick<FindOptions, 'asOf' | 'includeLog' | 'signal'>,
): Promise<Around> {
  const text = printQuery(query)
  const [older, newer] = await Promise.all([
    reader.find(text, { ...options, order: 'desc', seekEnd: index, limit }),
    reader.find(text, { ...options, order: 'asc', seek: index + 1, limit }),
  ])
  return [older.events, newer.events]
}

/** The event and what is linked to it, oldest first. */
async function linkedTo(
  reader: Pick<TrailReader, 'find'>,
  event: AuditEvent,
  most: number,
  options: Pick<FindOptions, 'asOf' | 'includeLog' | 'signal'>,
): Promise<{ readonly events: readonly AuditEvent[]; readonly more: boolean }> {
  const { operation, origin } = event
  const query = or([
    exactly('operation', operation),
    ...(origin.requestId === undefined ? [] : [exactly('request', origin.requestId)]),
    ...(origin.correlationId === undefined ? [] : [exactly('corr', origin.correlationId)]),
  ])
  const [older, newer] = await around(reader, event.index, query, most, options)
  const distance = (one: AuditEvent): number => Math.abs(one.index - event.index)
  const all = [event, ...older, ...newer].sort((a, b) => distance(a) - distance(b))
  const events = all.slice(0, most).sort((a, b) => a.index - b.index)
  return { events, more: all.length > most }
}

function shared(event: AuditEvent, other: AuditEvent): readonly Relation[] {
  const same = (a: string | undefined, b: string | undefined): boolean => a !== undefined && a === b
  const relations: Relation[] = []
  if (event.operation === other.operation) relations.push('operation')
  if (same(event.origin.requestId, other.origin.requestId)) relations.push('request')
  if (same(event.origin.correlationId, other.origin.correlationId)) relations.push('correlation')
  return relations
}

/** What the same actor did about the same time. */
function near({ actor, occurredAt }: AuditEvent): Query {
  const time = (ms: number): [{ kind: 'text'; text: string }] => [
    { kind: 'text', text: new Date(Date.parse(occurredAt) + ms).toISOString() },
  ]
  return and([ofActor(actor), filter('at', '>=', time(-NEARBY_MS)), filter('at', '<=', time(NEARBY_MS))])
}
