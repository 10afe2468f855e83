import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Frontier, frontierIds, leafHash, MAX_SIZE, storedHashCount, treeHash } from './index.ts'
import { ConstantReader, codeOf, hex, numberedEntries, sha, storedHashes, utf8 } from './testing/support.ts'

test('append returns what it completes, in the order of ids', () => {
  const { stored, frontier } = storedHashes(numberedEntries(700))
  expect(stored.length).toBe(storedHashCount(700))
  expect(frontier.size).toBe(700)
  expect(frontier.hashes().map(hex)).toEqual(frontierIds(700).map(id => hex(stored[id]!)))
})

test('a frontier goes on where another stopped, also around 2^31, 2^32 and 2^40', async () => {
  const reader = new ConstantReader()
  const sizes = fc.oneof(
    fc.nat({ max: 300 }),
    ...[2 ** 8, 2 ** 31, 2 ** 32, 2 ** 40].map(near => fc.integer({ min: near - 20, max: near + 20 })),
  )
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat({ max: 40 }), async (size, more) => {
      const frontier = Frontier.from(sha, size, reader.readHashes(frontierIds(size)))
      expect(hex(frontier.root())).toBe(hex(await treeHash(sha, size, reader)))
      let completed = 0
      for (let i = 0; i < more; i++) completed += frontier.append(reader.leaf).length
      expect(frontier.size).toBe(size + more)
      expect(completed).toBe(storedHashCount(size + more) - storedHashCount(size))
      expect(hex(frontier.root())).toBe(hex(await treeHash(sha, size + more, reader)))
    }),
  )
})

test('a clone is independent', () => {
  const { frontier } = storedHashes(numberedEntries(5))
  const root = hex(frontier.root())
  const copy = frontier.clone()
  copy.append(leafHash(sha, utf8('x')))
  expect(hex(frontier.root())).toBe(root)
  expect(copy.size).toBe(6)
})

test('hashes that cannot be a frontier are refused', async () => {
  const hash = leafHash(sha, utf8('x'))
  expect(await codeOf(() => Frontier.from(sha, 3, [hash]))).toBe('E_FRONTIER')
  expect(await codeOf(() => Frontier.from(sha, 2, [hash, hash]))).toBe('E_FRONTIER')
  expect(await codeOf(() => Frontier.from(sha, 1, [new Uint8Array(31)]))).toBe('E_FRONTIER')
  expect(() => new Frontier(sha).append(new Uint8Array(31))).toThrow(TypeError)
  expect(() => Frontier.from(sha, MAX_SIZE, [hash]).append(hash)).toThrow(RangeError)
})
