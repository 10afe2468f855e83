import { expect, it } from 'vitest'
import { SourceCounters } from '../source-ranges.ts'
import { missingCounters } from './missing-counters.ts'

function counted(...counters: readonly (readonly [string, number])[]): SourceCounters {
  const all = new SourceCounters()
  for (const [index, [source, counter]] of counters.entries()) all.add(source, counter, index)
  return all
}

it('counters between others are missing, and the first ones where the range begins with the log', () => {
  const counters = counted(['b/1', 3], ['a/1', 1], ['b/1', 5], ['a/1', 3], ['b/1', 4], ['a/1', 2], ['b/1', 9])
  expect(missingCounters(counters.ranges(), 0)).toEqual([
    { source: 'b/1', from: 1, to: 2 },
    { source: 'b/1', from: 6, to: 8 },
  ])
  expect(missingCounters(counters.ranges(), 50)).toEqual([{ source: 'b/1', from: 6, to: 8 }])
  expect(missingCounters([], 0)).toEqual([])
})
