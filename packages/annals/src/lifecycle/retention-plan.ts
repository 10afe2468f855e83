import { canonicalize } from '@annals/tlog'
import { sha256Base64Url } from '../log/digest.ts'
import type { Chunk, Range } from '../log/log-store.ts'
import { periodEnd } from '../log/period.ts'
import { isoTime } from '../log/read-event.ts'
import type { Period } from '../log/store.ts'
import { and, countAll, filter, printQuery } from '../query/index.ts'
import type { ActContext, Progress } from './act.ts'
import { type ClassCounts, leftIn } from './chunk-classes.ts'
import { activeHolds, heldIn } from './holds.ts'
import type { RetentionAuthority } from './retention-authority.ts'
import { overrideFor, type PolicyInForce, ruleFor } from './retention-policy.ts'
import { retentionInForce } from './retention-policy-act.ts'
import { type Removal, removalsFromArchive, removalsIn } from './retention-removals.ts'
import { dueAt } from './retention-rule.ts'
import { countSubjects, mayKeepNewest } from './retention-subjects.ts'
import { type NotSealed, sealObstacle } from './seal.ts'

/** What a run would remove from one chunk by one rule. */
export interface PlannedRemoval {
  readonly chunk: number
  readonly period: string
  readonly class: string
  readonly tenant?: string
  readonly seconds?: number
  readonly last?: number
  /** Entries that go. */
  readonly entries: number
  /** Entries that would go if no hold kept them. */
  readonly held: number
  /** Since when they are due, ISO 8601 UTC; absent for a rule of the newest. */
  readonly due?: string
}

/** What will be due next of a class. */
export interface PlannedNext {
  readonly chunk: number
  readonly period: string
  readonly class: string
  readonly tenant?: string
  /** Entries of the class, or of the class and tenant, that the chunk has now. */
  readonly entries: number
  readonly due: string
}

/** What the act `retention-plan` answers. */
export interface RetentionPlan {
  /** The instant that the plan is made for, ISO 8601 UTC. */
  readonly at: string
  /** Identifies what it removes: a run that is given it removes exactly that, or nothing. */
  readonly plan: string
  readonly removals: readonly PlannedRemoval[]
  /** Sums over all removals. */
  readonly entries: number
  readonly held: number
  /** First positions of ended chunks that a run seals before. */
  readonly seal: readonly number[]
  /** Ended chunks that cannot be sealed, and of which therefore nothing goes. */
  readonly failed: readonly NotSealed[]
  /** For each class, and each tenant with a rule of its own, what will be due next, soonest first. */
  readonly next: readonly PlannedNext[]
}

/** A plan with all that carrying it out needs. */
export interface FullPlan extends RetentionPlan {
  readonly work: readonly ChunkWork[]
}

/** What is due in one chunk. */
export interface ChunkWork {
  readonly chunk: Chunk
  readonly due: readonly Removal[]
}

/**
 * Plans what retention removes at an instant. Only chunks whose period has ended are looked at, and a chunk is read only when something
 * in it may be due.
 *
 * @param progress counts chunks
 */
export async function planRetention(
  context: ActContext,
  at: number,
  progress: Progress = () => {},
): Promise<FullPlan> {
  const { log } = context.store
  const policy = await retentionInForce(context)
  const { ready, failed } = await endedChunks(context, at)
  const left = await leftIn(context, ready)
  const holds = await activeHolds(context)
  const counted = await rangesToCount(context, policy, ready, left)
  const newer = await countSubjects(log, policy, counted)
  const work: ChunkWork[] = []
  const removals: PlannedRemoval[] = []
  for (const [nth, chunk] of ready.entries()) {
    progress(nth, ready.length)
    const classes = [...(left.get(chunk.lo) as ClassCounts).keys()].filter(name =>
      mayBeDue(policy, name, chunk, at),
    )
    if (classes.length === 0) continue
    const counts = left.get(chunk.lo) as ClassCounts
    const due =
      chunk.state === 'dropped'
        ? removalsFromArchive(chunk, counts, policy, at, holds.length > 0)
        : await removalsIn(log, chunk, {
            policy,
            at,
            classes: new Set(classes),
            held: holds.length === 0 ? [] : await heldIn(context, holds, chunk.lo, chunk.hi),
            newer,
          })
    if (due.some(({ authority }) => authority.entries > 0)) work.push({ chunk, due })
    removals.push(...due.map(removal => describeRemoval(removal, chunk)))
  }
  return {
    at: isoTime(at),
    plan: planDigest(work),
    removals,
    entries: sum(removals.map(({ entries }) => entries)),
    held: sum(removals.map(one => one.held)),
    seal: ready.filter(({ state }) => state === 'closed' || state === 'open').map(({ lo }) => lo),
    failed,
    next: await upcoming(context, policy, ready, left, at),
    work,
  }
}

async function endedChunks(
  { store }: ActContext,
  at: number,
): Promise<{ ready: readonly Chunk[]; failed: readonly NotSealed[] }> {
  const ready: Chunk[] = []
  const failed: NotSealed[] = []
  for (const chunk of await store.log.chunks()) {
    if (chunk.state === 'open' && !isOver(chunk, store.identity.period, at)) continue
    const why = chunk.state === 'closed' ? await sealObstacle(store.log, chunk) : undefined
    if (why === undefined) ready.push(chunk)
    else failed.push({ chunk: chunk.lo, period: chunk.period, why })
  }
  return { ready, failed }
}

/** Whether the next entry ends an open chunk: in an idle log nothing else does, and its events must go all the same. */
function isOver({ lastTime }: Chunk, period: Period, at: number): boolean {
  return periodEnd(period, lastTime) <= at
}

/** Where events of classes that keep the newest may be: the chunks that have any, and the open one. */
async function rangesToCount(
  { store }: ActContext,
  policy: PolicyInForce,
  ready: readonly Chunk[],
  left: ReadonlyMap<number, ClassCounts>,
): Promise<readonly Range[]> {
  const having = ready.filter(
    ({ lo, state }) =>
      state !== 'dropped' &&
      [...(left.get(lo) as ClassCounts).keys()].some(name => mayKeepNewest(policy, name)),
  )
  if (having.length === 0) return []
  const known = new Set(ready.map(({ lo }) => lo))
  const others = (await store.log.chunks()).filter(({ lo, state }) => state === 'open' && !known.has(lo))
  return [...having, ...others].map(({ lo, hi }) => [lo, hi])
}

/** Whether some entry of the class in the chunk may be due: by the shortest rule that anybody has for it. */
function mayBeDue(policy: PolicyInForce, name: string, { lastTime }: Chunk, at: number): boolean {
  return [undefined, ...Object.keys(policy.tenants)].some(tenant => {
    const rule = ruleFor(policy, name, tenant)
    return typeof rule === 'object' || dueAt(rule, lastTime) <= at
  })
}

function describeRemoval({ authority }: Removal, { period, lastTime }: Chunk): PlannedRemoval {
  const { ranges: _, chunk, class: name, ...rest } = authority
  const { seconds } = authority
  const due = seconds === undefined ? {} : { due: isoTime(dueAt(seconds, lastTime)) }
  return { chunk, period, class: name, ...rest, ...due }
}

function planDigest(work: readonly ChunkWork[]): string {
  const removed = work.flatMap(({ due }) => due.map(({ authority }) => authority)).filter(isRemoval)
  return sha256Base64Url(Buffer.from(canonicalize(removed)))
}

/** Whether anything goes; what holds keep may be all there is. */
export function isRemoval({ entries }: RetentionAuthority): boolean {
  return entries > 0
}

/** What is due next by each rule of time, soonest first. */
async function upcoming(
  { store }: ActContext,
  policy: PolicyInForce,
  chunks: readonly Chunk[],
  left: ReadonlyMap<number, ClassCounts>,
  at: number,
): Promise<readonly PlannedNext[]> {
  const next: PlannedNext[] = []
  const names = new Set([...left.values()].flatMap(counts => [...counts.keys()]))
  for (const name of names) {
    const tenants = Object.keys(policy.tenants).filter(
      tenant => overrideFor(policy, name, tenant) !== undefined,
    )
    for (const tenant of [undefined, ...tenants]) {
      const rule = ruleFor(policy, name, tenant)
      for (const { lo, hi, period, lastTime } of chunks) {
        const due = dueAt(rule, lastTime)
        const ofClass = left.get(lo)?.get(name) ?? 0
        if (due <= at || due === Number.POSITIVE_INFINITY || ofClass === 0) continue
        const entries = tenant === undefined ? ofClass : await ofTenant(store, name, tenant, [lo, hi])
        if (entries === 0) continue
        const whose = tenant === undefined ? {} : { tenant }
        next.push({ chunk: lo, period, class: name, ...whose, entries, due: isoTime(due) })
        break
      }
    }
  }
  return next.sort((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0))
}

async function ofTenant(
  { search }: ActContext['store'],
  name: string,
  tenant: string,
  [from, to]: Range,
): Promise<number> {
  const query = printQuery(
    and([
      filter('retention', '=', [{ kind: 'text', text: name }]),
      filter('tenant', '=', [{ kind: 'text', text: tenant }]),
    ]),
  )
  const { total } = await countAll(search, { query, now: 0, timeZone: 'UTC', includeLog: true, from, to })
  return total
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
