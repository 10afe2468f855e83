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
  counters.addAll([['a', [[2, 5, 9, 12]]]], (_, [, , index]) => repeated.push(index))
  expect(repeated).toEqual([9])
})

test('as many thinned entries about a gap account for it', () => {
  const counters = new SourceCounters()
  counters.add('a', 1, 5_000)
  counters.add('a', 4, 5_003)
  const found = (thinned: readonly number[]): number => {
    const findings = new Findings()
    counters.check(findings, ([from, to]) => thinned.filter(index => index >= from && index < to).length)
    return findings.list.length
  }
  expect(found([5_001, 5_002])).toBe(0)
  expect(found([5_001])).toBe(1)
  expect(found([1, 2, 3, 9_000])).toBe(1)
  expect(found([])).toBe(1)
})

test('gaps without number are counted in bounded memory', () => {
  const counters = new SourceCounters()
  for (let i = 0; i < 150_000; i++) counters.add('a', 2 * i + 1, i)
  expect(counters.ranges()[0]![1]!.length).toBe(100_000)
  const findings = new Findings()
  counters.check(findings, () => 150_000)
  expect(findings.list).toEqual([])
  counters.check(findings, ([from]) => (from === 0 ? counters.bridged - 1 : 150_000))
  expect(findings.list.map(finding => finding.code)).toEqual(['E_SOURCE_GAP'])
})
