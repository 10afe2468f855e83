import type { Chunk, LogStore, Range } from '../log/log-store.ts'
import { type ClassEntry, classEntries, eventOf } from './class-entries.ts'
import { isWithin } from './ranges.ts'
import type { RetentionAuthority } from './retention-authority.ts'
import { overrideFor, type PolicyInForce, ruleFor } from './retention-policy.ts'
import { dueAt, type RetentionRule } from './retention-rule.ts'
import type { NewerOnes } from './retention-subjects.ts'

/** What is due in one chunk by one rule. */
export interface Removal {
  readonly authority: RetentionAuthority
  /** For each range of the authority the entries of the class in it. */
  readonly counts: readonly number[]
}

/** What decides which entries are due. */
export interface Removing {
  readonly policy: PolicyInForce
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Classes that may have something due in the chunk. */
  readonly classes: ReadonlySet<string>
  /** What holds keep. */
  readonly held: readonly Range[]
  readonly newer: NewerOnes
}

/** Walks a chunk that has ended and says what is due in it, by class and by tenant with a rule of its own. */
export async function removalsIn(
  log: LogStore,
  chunk: Chunk,
  removing: Removing,
): Promise<readonly Removal[]> {
  const classes = new Map<string, ClassGroups>()
  for await (const one of classEntries(log, chunk.lo, chunk.hi)) {
    if (!removing.classes.has(one.retention)) continue
    let groups = classes.get(one.retention)
    if (groups === undefined) {
      groups = { nth: 0, byTenant: new Map() }
      classes.set(one.retention, groups)
    }
    decide(one, groups, chunk, removing)
    groups.nth++
  }
  return [...classes].flatMap(([name, { nth, byTenant }]) =>
    [...byTenant.values()]
      .filter(group => group.entries > 0 || group.held > 0)
      .map(group => removalOf(chunk, name, group, nth)),
  )
}

/**
 * What is due of a chunk whose content is in archives only. Who its entries are about cannot be told here: a class goes as a whole, by
 * the longest rule that anybody has for it, and not while there is any hold.
 *
 * @param left entries by class
 */
export function removalsFromArchive(
  chunk: Chunk,
  left: ReadonlyMap<string, number>,
  policy: PolicyInForce,
  at: number,
  held: boolean,
): readonly Removal[] {
  return [...left].flatMap(([name, count]) => {
    const own = Object.keys(policy.tenants).map(tenant => ruleFor(policy, name, tenant))
    const longest = [ruleFor(policy, name), ...own].reduce(longer)
    if (typeof longest !== 'number' || dueAt(longest, chunk.lastTime) > at) return []
    const counts = held ? { entries: 0, held: count } : { entries: count, held: 0 }
    return [{ authority: { chunk: chunk.lo, class: name, seconds: longest, ...counts }, counts: [] }]
  })
}

/** The rule that keeps longer; what keeps the newest may keep for ever. */
function longer(a: RetentionRule, b: RetentionRule): RetentionRule {
  return typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : 'forever'
}

/** The entries of one class that one rule speaks of. */
interface Group {
  readonly tenant: string | undefined
  readonly rule: RetentionRule
  readonly ranges: [number, number][]
  readonly counts: number[]
  /** Place of the last removed entry among those of its class. */
  lastNth: number
  entries: number
  held: number
}

interface ClassGroups {
  /** Entries of the class met so far. */
  nth: number
  readonly byTenant: Map<string | undefined, Group>
}

function decide(one: ClassEntry, groups: ClassGroups, chunk: Chunk, removing: Removing): void {
  const { policy, at, held, newer } = removing
  const event = needsEvent(policy, one.retention) ? eventOf(one) : undefined
  const own = overrideFor(policy, one.retention, event?.tenant)
  const tenant = own === undefined ? undefined : event?.tenant
  const rule = own ?? ruleFor(policy, one.retention)
  if (typeof rule === 'object') {
    const left = event === undefined ? undefined : newer.next(event)
    if (left === undefined || left < rule.last) return
  } else if (!(dueAt(rule, chunk.lastTime) <= at)) return
  let group = groups.byTenant.get(tenant)
  if (group === undefined) {
    group = { tenant, rule, ranges: [], counts: [], lastNth: -1, entries: 0, held: 0 }
    groups.byTenant.set(tenant, group)
  }
  if (isWithin(held, one.index)) group.held++
  else add(group, one.index, groups.nth)
}

/** A range goes on over entries of other classes, which it does not mean, and ends at one of its class that stays. */
function add(group: Group, index: number, nth: number): void {
  const last = group.ranges.at(-1)
  if (last !== undefined && group.lastNth === nth - 1) {
    last[1] = index + 1
    group.counts[group.counts.length - 1] = (group.counts.at(-1) as number) + 1
  } else {
    group.ranges.push([index, index + 1])
    group.counts.push(1)
  }
  group.lastNth = nth
  group.entries++
}

function removalOf(chunk: Chunk, name: string, group: Group, ofClass: number): Removal {
  const { tenant, rule, entries, held, ranges, counts } = group
  return {
    authority: {
      chunk: chunk.lo,
      class: name,
      ...(typeof rule === 'number' ? { seconds: rule } : {}),
      ...(typeof rule === 'object' ? { last: rule.last } : {}),
      ...(tenant === undefined ? {} : { tenant }),
      entries,
      held,
      ...(entries === ofClass && tenant === undefined ? {} : { ranges }),
    },
    counts,
  }
}

/** Tenant and subject are in the parts of an event, which are read only when a rule asks for them. */
function needsEvent(policy: PolicyInForce, retention: string): boolean {
  if (typeof ruleFor(policy, retention) === 'object') return true
  return Object.keys(policy.tenants).some(tenant => overrideFor(policy, retention, tenant) !== undefined)
}
