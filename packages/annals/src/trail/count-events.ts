import {
  countAll,
  type GroupBy,
  type Grouping,
  groupValue,
  type Search,
  type SearchIndex,
} from '../query/index.ts'
import type { CountOptions, Counts } from './trail.ts'

/** Groups of an answer; events of further ones are counted together. */
const MOST_GROUPS = 10_000
/** What spans of time are called in the key of a group. */
const SPAN = 'span'

/** Counts the matches of a search for a reader of the trail. */
export async function countEvents(
  index: Pick<SearchIndex, 'count'>,
  search: Search,
  by: readonly GroupBy[],
  { most, each = false, signal }: Pick<CountOptions, 'most' | 'each' | 'signal'>,
): Promise<Omit<Counts, 'asOf'>> {
  for (const one of by) groupValue(one)
  const groupings: readonly Grouping[] = each ? by.map(one => [one]) : [by]
  const {
    total,
    groupings: counted,
    stoppedAt,
  } = await countAll(index, search, groupings, {
    mostRecords: most,
    mostGroups: MOST_GROUPS,
    signal,
  })
  const groups = counted.flatMap(({ groups: list }, nth) => {
    const names = (groupings[nth] ?? []).map(one => (typeof one === 'string' ? one : SPAN))
    return list.map(({ values, count }) => ({
      key: Object.fromEntries(names.map((name, i) => [name, values[i] ?? null])),
      count,
    }))
  })
  if (counted.length > 1) groups.sort((a, b) => b.count - a.count)
  const other = counted.reduce((sum, one) => sum + one.other, 0)
  return {
    total,
    groups,
    ...(other === 0 ? {} : { other }),
    complete: stoppedAt === undefined,
    ...(stoppedAt === undefined ? {} : { through: stoppedAt }),
  }
}
