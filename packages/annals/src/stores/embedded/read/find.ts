import type { AuditEvent } from '../../../model/index.ts'
import type { Matches } from '../../../query/search-index.ts'
import { PLACE_EVERY } from '../index/segment-index.ts'
import { decodeEvent } from './decode.ts'
import type { Plan } from './plan.ts'
import type { SegmentHandle } from './segment-handle.ts'
import type { Segments } from './segments.ts'

/** Last instant of an ECMAScript date, ms. */
const LATEST = 8.64e15
/** Records read for one answer before it is given as it is, so that one broad search does not hold up the others. */
export const SLICE = 1_000

/** The part of the log that a plan can match in, from its bounds on positions, times and ids. */
export function rangeOf(
  plan: Plan,
  size: number,
  seek: (time: number) => number,
): readonly [from: number, to: number] {
  const { bounds, search } = plan
  let from = Math.max(search.from, bounds.index[0])
  let to = Math.min(search.to, size, bounds.index[1])
  if (Number.isFinite(bounds.recorded[0])) from = Math.max(from, seek(bounds.recorded[0]))
  if (Number.isFinite(bounds.recorded[1])) to = Math.min(to, seek(bounds.recorded[1]))
  return [from, Math.max(from, to)]
}

/** Finds events in order, newest or oldest first; each is read from the log and checked again. */
export function findMatches(
  segments: Segments,
  plan: Plan,
  order: 'asc' | 'desc',
  limit: number,
  seek: (time: number) => number,
): Matches {
  const [from, to] = rangeOf(plan, segments.size, seek)
  const found: AuditEvent[] = []
  let scanned = 0
  if (plan.candidates.kind === 'none' || limit === 0) return { events: found, rest: undefined, scanned }
  const parts = segments.within(from, to)
  if (order === 'desc') parts.reverse()
  for (const part of parts) {
    if (part.ref.form === 'spine') continue
    const handle = segments.handle(part.ref)
    handle.reconsider()
    for (const index of candidates(handle, plan, order, part.from, part.to)) {
      scanned++
      const event = decodeEvent(index, handle.records.record(index), plan.withoutParts)
      if (event !== undefined && plan.matches(event)) found.push(plan.show(event))
      if (found.length === limit || scanned >= SLICE) {
        const rest = order === 'asc' ? index + 1 : index
        return {
          events: found,
          rest: order === 'asc' ? (rest < to ? rest : undefined) : rest > from ? rest : undefined,
          scanned,
        }
      }
    }
  }
  return { events: found, rest: undefined, scanned }
}

/** Positions worth reading, in order: what the index names, and everything it does not cover yet. */
export function* candidates(
  handle: SegmentHandle,
  plan: Plan,
  order: 'asc' | 'desc',
  from: number,
  to: number,
): Generator<number> {
  const cover = handle.cover()
  const indexed = Math.min(to, Math.max(from, cover.next))
  if (order === 'desc') yield* positions(indexed, to, order)
  if (from < indexed && overlaps(cover.occurred, plan.bounds.occurred)) {
    const [lo, hi] = inTime(handle, cover.occurred, plan.bounds.occurred, from, indexed)
    if (plan.candidates.kind === 'all') yield* positions(lo, hi, order)
    else if (plan.candidates.kind === 'match' && lo < hi) {
      const { first } = handle.segment
      const sql = `SELECT rowid FROM term WHERE term MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid ${order}`
      const rows = handle.statement(sql)?.iterate(plan.candidates.text, lo - first, hi - first)
      for (const row of rows ?? []) yield first + (row as { rowid: number }).rowid
    }
  }
  if (order === 'asc') yield* positions(indexed, to, order)
}

/** Narrows a range to the blocks in which something occurred within the bounds: a window costs what lies near it. */
function inTime(
  handle: SegmentHandle,
  have: readonly [number, number] | undefined,
  want: readonly [number, number],
  from: number,
  to: number,
): readonly [number, number] {
  if (have === undefined || (want[0] <= have[0] && have[1] < want[1])) return [from, to]
  const sql = 'SELECT min(block) AS lo, max(block) AS hi FROM place WHERE newest >= ? AND oldest < ?'
  const bounds = want.map(time => Math.min(LATEST, Math.max(-LATEST, time)))
  const found = handle.statement(sql)?.get(...bounds) as { lo: number | null; hi: number | null } | undefined
  if (found === undefined) return [from, to]
  if (found.lo === null || found.hi === null) return [from, from]
  const { first } = handle.segment
  return [Math.max(from, first + found.lo * PLACE_EVERY), Math.min(to, first + (found.hi + 1) * PLACE_EVERY)]
}

function* positions(from: number, to: number, order: 'asc' | 'desc'): Generator<number> {
  if (order === 'asc') for (let i = from; i < to; i++) yield i
  else for (let i = to - 1; i >= from; i--) yield i
}

function overlaps(have: readonly [number, number] | undefined, want: readonly [number, number]): boolean {
  return have === undefined || (have[0] < want[1] && have[1] >= want[0])
}
