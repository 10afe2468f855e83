import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nearest } from './nearest.ts'
import { formatPointer, isPointer, parsePointer, valueAt } from './pointer.ts'
import { utf8Length, utf8Prefix } from './utf8.ts'

it('pointers go there and back', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), segments => {
      expect(isPointer(formatPointer(segments))).toBe(true)
      expect(parsePointer(formatPointer(segments))).toEqual(segments)
    }),
  )
})

it.each([
  ['', true],
  ['/', true],
  ['/a~0~1', true],
  ['a', false],
  ['/~', false],
  ['/~2', false],
])('isPointer(%j) is %s', (text, is) => {
  expect(isPointer(text)).toBe(is)
})

it('reads own members only', () => {
  expect(valueAt({ a: [{ b: 1 }] }, ['a', '0', 'b'])).toBe(1)
  expect(valueAt({}, ['constructor'])).toBeUndefined()
  expect(valueAt([1], ['length'])).toBeUndefined()
  expect(valueAt([1], ['00'])).toBeUndefined()
  expect(valueAt('text', ['0'])).toBeUndefined()
})

it('UTF-8 lengths and prefixes agree with the encoder', () => {
  const encoder = new TextEncoder()
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, most) => {
      expect(utf8Length(text)).toBe(encoder.encode(text).length)
      const prefix = utf8Prefix(text, most)
      expect(text.startsWith(prefix)).toBe(true)
      expect(utf8Length(prefix)).toBeLessThanOrEqual(most)
      const next = text.slice(prefix.length)
      const [point] = next
      if (point !== undefined) expect(utf8Length(prefix + point)).toBeGreaterThan(most)
    }),
  )
})

it('finds the nearest names, best first', () => {
  expect(nearest('targts', ['tenant', 'targets', 'tags'])).toEqual(['targets', 'tags'])
  expect(nearest('zzzzzz', ['tenant'])).toEqual([])
})
