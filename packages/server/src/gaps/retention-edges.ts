import { type PolicyInForce, ruleFor } from 'annals/lifecycle'

/** From when on events of a class are still there. */
export interface RetentionEdge {
  readonly class: string
  /** Events recorded before are past their retention, ISO 8601 UTC. */
  readonly before: string
}

/** The classes of which a time that begins at `from` holds events past their retention, for one tenant or all. */
export function retentionEdges(
  policy: PolicyInForce,
  tenant: string | undefined,
  from: number,
  now: number = Date.now(),
): readonly RetentionEdge[] {
  return Object.keys(policy.classes).flatMap(name => {
    const rule = ruleFor(policy, name, tenant)
    const before = typeof rule === 'number' ? now - rule * 1000 : Number.NEGATIVE_INFINITY
    return from < before ? [{ class: name, before: new Date(before).toISOString() }] : []
  })
}
