import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reparse } from './reparse.ts'

test('the value that was written', () => {
  for (const text of [
    '1',
    '"a\\"b"',
    'null',
    ' [ ] ',
    '{"":{"":[{}]},"a":[1,-2.5e-3,true,false,null,"x,:{}[]"]}',
  ]) {
    expect(reparse(text)).toEqual(JSON.parse(text))
  }
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
      const text = JSON.stringify(value, null, 1)
      expect(JSON.stringify(reparse(text), null, 1)).toBe(text)
    }),
  )
})

test('long strings and deep nesting need no stack', () => {
  const long = JSON.stringify('a\n'.repeat(500_000))
  expect(reparse(long)).toBe('a\n'.repeat(500_000))
  expect(Array.isArray(reparse('['.repeat(50_000) + ']'.repeat(50_000)))).toBe(true)
})
