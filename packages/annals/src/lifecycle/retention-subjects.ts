import type { LogStore, Range } from '../log/log-store.ts'
import type { AuditEvent } from '../model/index.ts'
import { classEntries, eventOf } from './class-entries.ts'
import { type PolicyInForce, ruleFor } from './retention-policy.ts'

/** Says of each event in turn how many newer ones its subject has. */
export interface NewerOnes {
  /**
   * How many events of the class and subject are newer; undefined when the subject cannot be told because a part was erased.
   * Must be asked for every entry of the ranges that were counted, once and in order.
   */
  next(event: AuditEvent): number | undefined
}

/**
 * Counts the events of classes that keep the newest of each subject. Memory grows with subjects, not with events.
 *
 * @param ranges where such events may be, in order of position
 */
export async function countSubjects(
  log: LogStore,
  policy: PolicyInForce,
  ranges: readonly Range[],
): Promise<NewerOnes> {
  const counts = new Map<string, number>()
  for (const [from, to] of ranges) {
    for await (const one of classEntries(log, from, to)) {
      if (!mayKeepNewest(policy, one.retention)) continue
      const key = keyOf(eventOf(one))
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return {
    next(event): number | undefined {
      const key = keyOf(event)
      if (key === undefined) return undefined
      const newer = (counts.get(key) ?? 1) - 1
      counts.set(key, newer)
      return newer
    },
  }
}

/** Whether some event of the class is kept by number. */
export function mayKeepNewest(policy: PolicyInForce, retention: string): boolean {
  return [undefined, ...Object.keys(policy.tenants)].some(
    tenant => typeof ruleFor(policy, retention, tenant) === 'object',
  )
}

/** Class, tenant and subject of an event: its first target, or its actor when it has none. */
function keyOf({ erased, retention, tenant, targets, actor }: AuditEvent): string | undefined {
  if (erased !== undefined) return undefined
  const { type, id } = targets[0] ?? actor
  return JSON.stringify([retention, tenant ?? null, type, id])
}
