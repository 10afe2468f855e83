import { describe, expect, test } from 'vitest'
import { fit, pad, widthOf } from './width.ts'

test.each([
  ['alice', 5],
  ['東京', 4],
  ['🚀', 2],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
])('%s takes %i cells', (text, cells) => {
  expect(widthOf(text)).toBe(cells)
})

describe('fit', () => {
  test('identifiers keep both ends', () => {
    expect(fit('0198c0de-7a52-7QK', 9, 'middle', '…')).toBe('0198…-7QK')
  })
  test('prose keeps its beginning', () => {
    expect(fit('deleted machine web-3', 10, 'end', '…')).toBe('deleted m…')
  })
  test('an ellipsis of two cells counts as two', () => {
    expect(fit('abcdefghij', 6, 'middle', '..')).toBe('ab..ij')
  })
  test.each([1, 2, 3, 5, 8])('never wider than %i cells', cells => {
    expect(widthOf(fit('東京 tower 🚀 long name', cells, 'middle', '…'))).toBeLessThanOrEqual(cells)
  })
  test('a text that fits is left alone', () => {
    expect(fit('web-3', 5, 'end', '…')).toBe('web-3')
  })
})

test('pad fills to cells, not to characters', () => {
  expect(pad('東', 4)).toBe('東  ')
  expect(pad('7', 3, 'left')).toBe('  7')
})
