import { expect, test } from 'vitest'
import { lastLine, skipLines, sum } from '../../tools/lib/tally.ts'

const skip = (name: string, reason: string) => ({ name, reason })

test('the last line names skips only when there are some', () => {
  expect(lastLine({ passed: 3, failed: 0, skipped: [] })).toBe('3 passed, 0 failed')
  expect(lastLine({ passed: 3, failed: 1, skipped: [skip('a', 'b')] })).toBe('3 passed, 1 failed, 1 skipped')
})

test('tallies add up', () => {
  const one = { passed: 1, failed: 2, skipped: [skip('a', 'no data')] }
  expect(sum([one, one])).toEqual({ passed: 2, failed: 4, skipped: [...one.skipped, ...one.skipped] })
})

test('skips are told by reason, most frequent first', () => {
  const skips = [skip('a', 'rare'), ...['b', 'c', 'd', 'e'].map(name => skip(name, 'often'))]
  expect(skipLines(skips)).toEqual(['  4 × often: b; c; d; …', '  1 × rare: a'])
})
