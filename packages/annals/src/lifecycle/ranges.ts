import type { Range } from '../log/log-store.ts'

/** Ranges in order, those that touch joined into one, empty ones left out. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (from >= to) continue
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Ascending positions as ranges. */
export function rangesOf(positions: Iterable<number>): Range[] {
  const ranges: [number, number][] = []
  for (const index of positions) {
    const last = ranges.at(-1)
    if (last?.[1] === index) last[1] = index + 1
    else ranges.push([index, index + 1])
  }
  return ranges
}

/** Whether a position lies in merged ranges. */
export function isWithin(ranges: readonly Range[], index: number): boolean {
  let lo = 0
  let hi = ranges.length
  while (lo < hi) {
    const middle = Math.floor((lo + hi) / 2)
    const [from, to] = ranges[middle] as Range
    if (index < from) hi = middle
    else if (index >= to) lo = middle + 1
    else return true
  }
  return false
}
