import type { StoredRecord } from '../../../log/record-bytes.ts'
import type { Bounds } from '../../../query/bounds.ts'
import { type GroupBy, type Grouping, isRolled, spanFinder } from '../../../query/grouping.ts'
import type { CountedSlice } from '../../../query/search-index.ts'
import { Tally } from '../../../query/tally.ts'
import { LOG_PHASE } from '../index/index-row.ts'
import { decodeEvent } from './decode.ts'
import { candidates, rangeOf, SLICE } from './find.ts'
import type { Plan } from './plan.ts'
import type { SegmentHandle } from './segment-handle.ts'
import type { Segments } from './segments.ts'

const HOUR_MS = 3_600_000
/** Beyond every hour of an ECMAScript date. */
const LATEST_HOUR = 8.64e15 / HOUR_MS + 1

/**
 * Counts matching events by group, newest first, until a slice is full. Whole segments are answered by their rollups where
 * nothing but whole hours is asked for.
 */
export function countSlice(
  segments: Segments,
  plan: Plan,
  groupings: readonly Grouping[],
  seek: (time: number) => number,
): CountedSlice {
  const tally = new Tally(groupings)
  let scanned = 0
  const result = (rest?: number): CountedSlice => ({
    total: tally.total,
    groupings: tally.groupings.map(({ groups }) => groups),
    rest,
    scanned,
  })
  const hours = plan.onlyTime && groupings.every(isRolled) ? wholeHours(plan.bounds.occurred) : undefined
  const [from, to] = rangeOf(plan, segments.size, seek)
  if (plan.candidates.kind === 'none') return result()
  for (const part of segments.within(from, to).reverse()) {
    if (part.ref.form === 'spine') continue
    const handle = segments.handle(part.ref)
    handle.reconsider()
    let begin = part.from
    if (hours !== undefined && part.from === part.ref.first) {
      handle.together(() => {
        const { next } = handle.cover()
        // What the index does not know yet comes first. Too much of it: the rollup waits for a later slice.
        if (next === part.from || next > part.to || part.to - next > SLICE - scanned) return
        scanned += addRollup(handle, plan, hours, groupings, tally)
        begin = next
      })
    }
    const wanted: number[] = []
    for (const index of candidates(handle, plan, 'desc', begin, part.to)) {
      if (scanned + wanted.length === SLICE) {
        countRecords(handle, plan, wanted, tally)
        scanned = SLICE
        return result(index + 1)
      }
      wanted.push(index)
    }
    countRecords(handle, plan, wanted, tally)
    scanned += wanted.length
    if (scanned >= SLICE && part.from > from) return result(part.from)
  }
  return result()
}

/** Counts the records at positions that go down; they are read upwards, as they lie. */
function countRecords(handle: SegmentHandle, plan: Plan, wanted: readonly number[], tally: Tally): void {
  const [last, first] = [wanted[0], wanted.at(-1)]
  if (first === undefined || last === undefined) return
  const count = (index: number, record: StoredRecord): void => {
    const event = decodeEvent(index, record, plan.withoutParts)
    if (event !== undefined && plan.matches(event)) tally.addEvent(plan.show(event))
  }
  if (last - first < wanted.length) handle.records.walk(first, last + 1, count)
  else for (const index of wanted.toReversed()) count(index, handle.records.record(index))
}

/** Bounds in hours since the epoch; undefined when they divide an hour. */
function wholeHours(bounds: Bounds): Bounds | undefined {
  const [from, to] = [bounds[0] / HOUR_MS, bounds[1] / HOUR_MS]
  const isWhole = (hour: number): boolean => !Number.isFinite(hour) || Number.isInteger(hour)
  return isWhole(from) && isWhole(to) ? [from, to] : undefined
}

interface RollupRow {
  readonly hour: number
  readonly action: string
  readonly result: string
  readonly count: number
}

/** Adds what the rollup of a segment says of some hours, and returns the number of its rows. */
function addRollup(
  handle: SegmentHandle,
  plan: Plan,
  hours: Bounds,
  groupings: readonly Grouping[],
  tally: Tally,
): number {
  const own = plan.search.includeLog ? '' : `AND phase <> '${LOG_PHASE}'`
  const sql = `SELECT hour, action, result, sum(count) AS count FROM rollup WHERE hour >= ? AND hour < ? ${own} GROUP BY 1, 2, 3`
  const [from, to] = hours.map(hour => Math.min(LATEST_HOUR, Math.max(-LATEST_HOUR, hour))) as [
    number,
    number,
  ]
  const values = groupings.map(by => by.map(rolledValue))
  let read = 0
  for (const row of (handle.statement(sql)?.iterate(from, to) ?? []) as Iterable<RollupRow>) {
    read++
    tally.addAlike(row.count, nth => (values[nth] ?? []).map(value => value(row)))
  }
  return read
}

/** As `groupValue`, of a row instead of an event. */
function rolledValue(by: GroupBy): (row: RollupRow) => string | null {
  if (typeof by !== 'string') {
    const spanOf = spanFinder(by)
    return row => spanOf(row.hour * HOUR_MS)
  }
  if (by === 'action') return row => row.action
  if (by === 'outcome') return row => row.result
  const length = by === 'hour' ? 13 : by === 'day' ? 10 : 7
  return row => {
    const text = new Date(row.hour * HOUR_MS).toISOString().slice(0, length)
    return by === 'hour' ? `${text}:00Z` : text
  }
}
