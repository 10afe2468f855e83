import type { AuditEvent } from '../../model/index.ts'
import { and, filter, type Query } from '../../query/index.ts'

/** A resource or an actor: what it is and which. */
export interface EntityRef {
  readonly type: string
  readonly id: string
}

/** Events that have an entity among their targets, and few others: {@link isAbout} tells. */
export function ofTarget({ type, id }: EntityRef): Query {
  // A name is found as well as an id: the two others leave that out.
  return and([exactly('target', `${type}/${id}`), exactly('target.type', type), exactly('target.id', id)])
}

/** Events that an entity did, itself or through another, and few others. */
export function ofActor({ type, id }: EntityRef): Query {
  return and([exactly('actor', `${type}/${id}`), exactly('actor.type', type), exactly('actor.id', id)])
}

/** Whether an event has an entity among its targets. */
export function isAbout({ targets }: AuditEvent, { type, id }: EntityRef): boolean {
  return targets.some(target => target.type === type && target.id === id)
}

/** Whether an entity is the first target of an event: the one whose changes it tells. */
export function isPrimary({ targets: [first] }: AuditEvent, { type, id }: EntityRef): boolean {
  return first?.type === type && first.id === id
}

/** A filter that holds for this value alone. */
export function exactly(field: string, text: string): Query {
  return filter(field, '=', [{ kind: 'text', text }])
}
