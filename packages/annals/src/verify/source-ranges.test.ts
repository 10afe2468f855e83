import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Findings } from './findings.ts'
import { SourceCounters } from './source-ranges.ts'

function gaps(counters: SourceCounters): string[] {
  const findings = new Findings()
  counters.check(findings)
  return findings.list.map(finding => `${finding.code}@${finding.index}`)
}

test('order does not matter, gaps do, wherever the work was divided', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      fc.nat(40),
      (counters, cut) => {
        const whole = new SourceCounters()
        const [left, right] = [new SourceCounters(), new SourceCounters()]
        for (const [index, counter] of counters.entries()) {
          expect(whole.add('a', counter, index)).toBe(true)
          ;(index < cut ? left : right).add('a', counter, index)
        }
        const joined = new SourceCounters()
        for (const part of [left, right]) joined.addAll(part.ranges(), () => expect.unreachable())
        const contiguous = Math.max(...counters) === counters.length
        expect(gaps(whole).length === 0).toBe(contiguous)
        expect(gaps(joined)).toEqual(gaps(whole))
      },
    ),
  )
})

test('sources are apart, and a counter is used once', () => {
  const counters = new SourceCounters()
  expect(counters.add('a', 1, 0)).toBe(true)
  expect(counters.add('b', 1, 1)).toBe(true)
  expect(counters.add('a', 2, 2)).toBe(true)
  expect(counters.add('a', 2, 3)).toBe(false)
  expect(counters.add('a', 1, 4)).toBe(false)
  expect(counters.add('b', 3, 5)).toBe(true)
  expect(gaps(counters)).toEqual(['E_SOURCE_GAP@5'])
  const repeated: number[] = []
  counters.addAll([['a', [[2, 5, 9]]]], (_, [, , index]) => repeated.push(index))
  expect(repeated).toEqual([9])
})
