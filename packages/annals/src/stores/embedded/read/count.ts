import type { AuditEvent } from '../../../model/index.ts'
import { type GroupValue, groupValue, ROLLUP_GROUPINGS } from '../../../query/grouping.ts'
import type { CountedGroups } from '../../../query/search-index.ts'
import { LOG_PHASE } from '../index/index-row.ts'
import { decodeEvent } from './decode.ts'
import { candidates, rangeOf } from './find.ts'
import type { Plan } from './plan.ts'
import type { SegmentHandle } from './segment-handle.ts'
import type { Segments } from './segments.ts'

/** Counts matching events by group. Whole segments of an unfiltered count are answered by their rollups. */
export function countGroups(
  segments: Segments,
  plan: Plan,
  by: readonly string[],
  seek: (time: number) => number,
): CountedGroups {
  const tally = new Tally(by)
  const rolled = plan.everything && by.every(name => ROLLUP_GROUPINGS.includes(name))
  const [from, to] = rangeOf(plan, segments.size, seek)
  if (plan.candidates.kind === 'none') return tally.result()
  for (const part of segments.within(from, to)) {
    if (part.ref.form === 'spine') continue
    const handle = segments.handle(part.ref)
    handle.reconsider()
    let start = part.from
    if (rolled && part.from === part.ref.first) {
      start = handle.together(() => {
        const { next } = handle.cover()
        if (next > part.to || next === part.from) return part.from
        addRollup(handle, plan, by, tally)
        return next
      })
    }
    if (plan.candidates.kind === 'all') {
      handle.records.walk(start, part.to, (index, record) => tally.addIf(decodeEvent(index, record), plan))
    } else {
      for (const index of candidates(handle, plan, 'asc', start, part.to)) {
        tally.addIf(decodeEvent(index, handle.records.record(index)), plan)
      }
    }
  }
  return tally.result()
}

interface RollupRow {
  readonly hour: number
  readonly action: string
  readonly result: string
  readonly count: number
}

function addRollup(handle: SegmentHandle, plan: Plan, by: readonly string[], tally: Tally): void {
  const own = plan.search.includeLog ? '' : `WHERE phase <> '${LOG_PHASE}'`
  const rows =
    handle
      .statement(`SELECT hour, action, result, sum(count) AS count FROM rollup ${own} GROUP BY 1, 2, 3`)
      ?.iterate() ?? []
  for (const row of rows as Iterable<RollupRow>) {
    const hour = new Date(row.hour * 3_600_000).toISOString()
    const values = by.map(name => {
      if (name === 'action') return row.action
      if (name === 'outcome') return row.result
      return name === 'hour' ? `${hour.slice(0, 13)}:00Z` : hour.slice(0, name === 'day' ? 10 : 7)
    })
    tally.add(values, row.count)
  }
}

class Tally {
  readonly #by: readonly GroupValue[]
  readonly #groups = new Map<string, { readonly values: readonly (string | null)[]; count: number }>()
  #total = 0

  constructor(by: readonly string[]) {
    this.#by = by.map(groupValue)
  }

  addIf(event: AuditEvent | undefined, plan: Plan): void {
    if (event !== undefined && plan.matches(event)) {
      this.add(
        this.#by.map(value => value(event)),
        1,
      )
    }
  }

  add(values: readonly (string | null)[], count: number): void {
    this.#total += count
    if (values.length === 0) return
    const name =
      values.length === 1 ? `${values[0] === null ? '-' : '+'}${values[0]}` : JSON.stringify(values)
    const group = this.#groups.get(name)
    if (group === undefined) this.#groups.set(name, { values, count })
    else group.count += count
  }

  result(): CountedGroups {
    const groups = [...this.#groups.values()].sort(
      (a, b) => b.count - a.count || (String(a.values) < String(b.values) ? -1 : 1),
    )
    return { total: this.#total, groups }
  }
}
