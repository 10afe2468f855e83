import type { Positioned, Range } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'
import type { Store } from '../log/store.ts'
import type { AuditEvent } from '../model/index.ts'
import { foundEvents } from './found-events.ts'
import { mergeRanges } from './ranges.ts'

/** What a hold keeps. A person is named by the tag that the log has for them, in hex, so that the log's own entry names nobody. */
export type HoldScope =
  | { readonly query: string }
  | { readonly subject: string }
  | { readonly chunk: number }
  | { readonly operation: string }

/** A legal hold: what it keeps is neither erased nor expires until it is released. */
export interface Hold {
  readonly name: string
  readonly reason: string
  readonly scope: HoldScope
  /** Position of its `log.hold`. */
  readonly index: number
  /** When it was set, ISO 8601 UTC. */
  readonly since: string
  /** Set once it is released. */
  readonly released?: { readonly index: number; readonly at: string; readonly reason: string }
}

/** What holds are read from: an act's context, or a store. */
export interface Held {
  readonly store: Pick<Store, 'log' | 'search'>
}

/** The query for everything that {@link foldHolds} needs, to be read in order of position. */
export const HOLD_QUERY = 'action:log.hold OR action:log.release'

const END = Number.MAX_SAFE_INTEGER

/** Every hold that was ever set, in order of position, those released too. */
export async function holdsOf(context: Held): Promise<readonly Hold[]> {
  const events: AuditEvent[] = []
  for await (const page of foundEvents(context.store.search, HOLD_QUERY, [0, END])) events.push(...page)
  return foldHolds(events)
}

/** The holds in force, in order of position. They are read from the log, so they outlive every restart. */
export async function activeHolds(context: Held): Promise<readonly Hold[]> {
  return (await holdsOf(context)).filter(hold => hold.released === undefined)
}

/** Makes holds of the `log.hold` and `log.release` events of a log, given in order of position. */
export function foldHolds(events: Iterable<AuditEvent>): readonly Hold[] {
  const holds: Hold[] = []
  const active = new Map<string, number>()
  for (const { action, data, index, recordedAt } of events) {
    if (!isObject(data) || typeof data['hold'] !== 'string') continue
    const name = data['hold']
    const reason = typeof data['reason'] === 'string' ? data['reason'] : ''
    const at = active.get(name)
    if (action === 'log.hold') {
      const scope = scopeOf(data)
      if (scope === undefined || at !== undefined) continue
      active.set(name, holds.length)
      holds.push({ name, reason, scope, index, since: recordedAt })
    } else if (action === 'log.release' && at !== undefined) {
      active.delete(name)
      holds[at] = { ...(holds[at] as Hold), released: { index, at: recordedAt, reason } }
    }
  }
  return holds
}

/** The one scope that the data of a `log.hold` names. */
function scopeOf(data: Readonly<Record<string, unknown>>): HoldScope | undefined {
  const { query, subject, chunk, operation } = data
  if (typeof query === 'string') return { query }
  if (typeof subject === 'string') return { subject }
  if (typeof chunk === 'number') return { chunk }
  if (typeof operation === 'string') return { operation }
  return undefined
}

/**
 * The positions from `from` (inclusive) to `to` (exclusive) that any of these holds keeps, as merged ranges. Times in the
 * query of a hold that are relative to now mean the time at which it was set.
 */
export async function heldIn(
  context: Held,
  holds: readonly Hold[],
  from: number,
  to: number,
): Promise<readonly Range[]> {
  if (from >= to || holds.length === 0) return []
  const ranges: Range[] = []
  const tags = new Set<string>()
  for (const { scope, since } of holds) {
    if ('subject' in scope) tags.add(Buffer.from(scope.subject, 'hex').toString('latin1'))
    else if ('chunk' in scope) ranges.push(...(await chunkRange(context, scope.chunk, [from, to])))
    else {
      const query = 'query' in scope ? scope.query : `operation:${scope.operation} OR id:${scope.operation}`
      for await (const page of foundEvents(context.store.search, query, [from, to], Date.parse(since)))
        for (const { index } of page) ranges.push([index, index + 1])
    }
  }
  if (tags.size > 0) {
    for await (const batch of context.store.log.read(from, to))
      for (const one of batch) if (isAbout(one, tags)) ranges.push([one.index, one.index + 1])
  }
  return mergeRanges(ranges)
}

async function chunkRange(context: Held, lo: number, [from, to]: Range): Promise<Range[]> {
  const chunk = (await context.store.log.chunks()).find(one => one.lo === lo)
  return chunk === undefined ? [] : [[Math.max(from, chunk.lo), Math.min(to, chunk.hi)]]
}

function isAbout({ record }: Positioned, tags: ReadonlySet<string>): boolean {
  return record.parts.some(part => part.keys.some(key => tags.has(key.tag)))
}
