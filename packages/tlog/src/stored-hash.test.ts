import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_SIZE, splitStoredHashId, storedHashCount, storedHashId } from './index.ts'
import { vectors } from './testing/support.ts'

const tree = vectors<{
  storedIds: { level: number; n: number; id: number }[]
  storedCounts: { size: number; count: number }[]
}>('tlog-tree')

test.each(tree.storedIds)('Go numbers level $level, n $n as $id', ({ level, n, id }) => {
  expect(storedHashId(level, n)).toBe(id)
  expect(splitStoredHashId(id)).toEqual({ level, n })
})

test.each(tree.storedCounts)('a tree of $size leaves stores $count hashes', ({ size, count }) => {
  expect(storedHashCount(size)).toBe(count)
})

test('ids are dense in the order in which subtrees are completed', () => {
  let id = 0
  for (let leaf = 0; leaf < 5000; leaf++) {
    expect(storedHashCount(leaf)).toBe(id)
    expect(storedHashId(0, leaf)).toBe(id++)
    for (let level = 1; (leaf + 1) % 2 ** level === 0; level++) {
      expect(storedHashId(level, (leaf + 1) / 2 ** level - 1)).toBe(id++)
    }
  }
})

test('split is the inverse, up to the largest tree', () => {
  const ids = fc.oneof(
    fc.nat({ max: 2 ** 31 }),
    fc.integer({ min: 2 ** 31 - 100, max: 2 ** 32 + 100 }),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }),
  )
  fc.assert(
    fc.property(ids, id => {
      const { level, n } = splitStoredHashId(id)
      expect(storedHashId(level, n)).toBe(id)
    }),
    { numRuns: 2000 },
  )
  expect(splitStoredHashId(Number.MAX_SAFE_INTEGER - 1)).toEqual({ level: 52, n: 0 })
})

test('what lies beyond 2^52 leaves is refused at once', () => {
  expect(() => storedHashId(0, MAX_SIZE)).toThrow(RangeError)
  expect(() => storedHashId(52, 1)).toThrow(RangeError)
  expect(() => storedHashId(53, 0)).toThrow(RangeError)
  expect(() => storedHashId(0, -1)).toThrow(RangeError)
  expect(() => storedHashId(0, 0.5)).toThrow(RangeError)
  expect(() => storedHashId(0, '1' as unknown as number)).toThrow(TypeError)
  expect(() => splitStoredHashId(Number.MAX_SAFE_INTEGER)).toThrow(RangeError)
  expect(() => splitStoredHashId(-1)).toThrow(RangeError)
  expect(() => storedHashCount(MAX_SIZE + 1)).toThrow(RangeError)
})
