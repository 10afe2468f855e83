import { type Json, sameJson } from '../model/index.ts'
import { type Act, type ActContext, defineAct } from './act.ts'
import { invalidRequest, pathTo } from './act-request.ts'
import { ownDraft, ownEntries } from './own-entries.ts'
import {
  type PolicyInForce,
  policyInForce,
  type RetentionPolicy,
  readRetentionPolicy,
} from './retention-policy.ts'

/** What the act `retention-policy` answers. */
export interface RetentionPolicySet {
  /** False when the same policy was in force already, and nothing was recorded. */
  readonly changed: boolean
  readonly policy: PolicyInForce
}

/**
 * Lays down how long events are kept, in a `log.policy` entry. It replaces the policy of before as a whole.
 *
 * @example
 * ```ts
 * await trail.perform(retentionPolicy, { classes: { standard: '180d' }, tenants: {}, floor: 0 })
 * ```
 */
export const retentionPolicy: Act<RetentionPolicy, RetentionPolicySet> = defineAct({
  name: 'retention-policy',
  check: readRetentionPolicy,
  async perform(policy: RetentionPolicy, context: ActContext): Promise<RetentionPolicySet> {
    await refuseUnknownClasses(policy, context)
    const before = await retentionInForce(context)
    if (before.setBy !== undefined && isSame(policy, before)) return { changed: false, policy: before }
    await context.record([ownDraft('log.policy', { retention: policy as unknown as Json })])
    return { changed: true, policy: await retentionInForce(context) }
  },
})

/** The rules of retention that hold in the log of an act. */
export function retentionInForce({ store }: Pick<ActContext, 'store'>): Promise<PolicyInForce> {
  return policyInForce(action => ownEntries(store.search, action, 'desc'))
}

function isSame({ classes, tenants, floor }: RetentionPolicy, before: PolicyInForce): boolean {
  const laidDown = Object.entries(before.classes).filter(([, { from }]) => from === 'log.policy')
  const rules = Object.fromEntries(laidDown.map(([name, { rule }]) => [name, rule]))
  return sameJson(
    { classes, tenants, floor } as unknown as Json,
    { classes: rules, tenants: before.tenants, floor: before.floor } as unknown as Json,
  )
}

/** A class that no event type and no event has is a slip of the pen: its events would be kept under another rule. */
async function refuseUnknownClasses(policy: RetentionPolicy, { store, catalog }: ActContext): Promise<void> {
  const known = new Set(Object.keys(catalog.retention))
  for (const { lo } of await store.log.chunks())
    for (const name of Object.keys((await store.log.manifest(lo))?.classes ?? {})) known.add(name)
  const places: [string, object][] = [['/classes', policy.classes]]
  for (const [tenant, rules] of Object.entries(policy.tenants))
    places.push([pathTo('/tenants', tenant), rules])
  for (const [path, rules] of places) {
    const strange = Object.keys(rules).find(name => !known.has(name))
    if (strange !== undefined) {
      throw invalidRequest(
        pathTo(path, strange),
        'is a class that neither the catalog nor any sealed chunk has',
        `Known: ${[...known].sort().join(', ')}.`,
      )
    }
  }
}
