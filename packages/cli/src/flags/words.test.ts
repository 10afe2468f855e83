import { describe, expect, test } from 'vitest'
import { colorWish, preparedWords, wantsJson } from './words.ts'

describe('negated query terms are no flags', () => {
  test.each(['-outcome:success', '-tag.env:*', '-actor=bob', '-"rack 4"', '-(actor:a OR actor:b)'])(
    '%s',
    word => {
      expect(preparedWords(['list', word])).toEqual(['list', ` ${word}`])
    },
  )
  test.each(['-o', '-ojson', '-q', '-n', '--limit=5', '-o=json', '-', '--', '-outcome'])('%s stays', word => {
    expect(preparedWords(['list', word])).toEqual(['list', word])
  })
  test('behind -- nothing is touched', () => {
    expect(preparedWords(['list', '--', '-outcome:success'])).toEqual(['list', '--', '-outcome:success'])
  })
})

test.each([
  [['-o', 'json'], true],
  [['--output', 'json'], true],
  [['--output=json'], true],
  [['-ojson'], true],
  [['-o', 'ndjson'], false],
  [['get', 'json'], false],
])('%j wants JSON: %s', (words, wanted) => {
  expect(wantsJson(words)).toBe(wanted)
})

test('the colour of errors follows the flag', () => {
  expect([colorWish(['--color', 'never']), colorWish(['--color=always']), colorWish(['list'])]).toEqual([
    'never',
    'always',
    'auto',
  ])
})
