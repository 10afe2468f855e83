import { describe, expect, test } from 'vitest'
import { readGlobals } from './global-flags.ts'

describe('directory', () => {
  test('flag, then environment, then default', () => {
    expect(readGlobals({ dir: 'a' }, { ANNALS_DIR: 'b' }).dir).toBe('a')
    expect(readGlobals({}, { ANNALS_DIR: 'b' }).dir).toBe('b')
    expect(readGlobals({}, { ANNALS_DIR: '' }).dir).toBe('./annals-data')
  })
})

test('fields are split', () => {
  expect(readGlobals({ fields: 'id, actor.id' }, {}).fields).toEqual(['id', 'actor.id'])
})

test.each([
  [{ output: 'jsn' }, '--output'],
  [{ color: 'yes' }, '--color'],
  [{ progress: 'bar' }, '--progress'],
  [{ fields: 'a,,b' }, '--fields'],
  [{ dir: '' }, '--dir'],
])('%j is refused', (raw, flag) => {
  expect(() => readGlobals(raw, {})).toThrow(flag)
})
