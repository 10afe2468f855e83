import { expect, test } from 'vitest'
import { expectationOf, isMet } from './expectation.ts'

test.each([
  ['none', 0, true],
  ['none', 1, false],
  ['some', 0, false],
  ['some', 7, true],
  ['3', 3, true],
  ['3', 4, false],
  ['0', 0, true],
])('--expect %s with %i events: %s', (text, count, met) => {
  expect(isMet(expectationOf(text), count)).toBe(met)
})

test.each(['', '-1', 'any', '1.5'])('%j is refused', text => {
  expect(() => expectationOf(text)).toThrow('--expect')
})
