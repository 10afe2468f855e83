import type { SourceRanges } from '../source-ranges.ts'
import type { MissingCounters } from './manifest.ts'

/**
 * Counters that lie between those which the entries of a range have; from 1 where the range begins with the log. Where it
 * does not, a counter before the first one may be at any earlier position.
 */
export function missingCounters(ranges: SourceRanges, from: number): MissingCounters[] {
  const missing: MissingCounters[] = []
  for (const [source, counted] of ranges) {
    let next = from === 0 ? 1 : (counted[0]?.[0] ?? 1)
    for (const [first, last] of counted) {
      if (first > next) missing.push({ source, from: next, to: first - 1 })
      next = last + 1
    }
  }
  return missing.sort((a, b) => (a.source === b.source ? a.from - b.from : a.source < b.source ? -1 : 1))
}
