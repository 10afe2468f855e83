import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkConsistency, emptyRoot, MAX_SIZE, proveConsistency, treeHash } from './index.ts'
import {
  arrayReader,
  ConstantReader,
  codeOf,
  hex,
  numberedEntries,
  sha,
  storedHashes,
  unhex,
  vectors,
} from './testing/support.ts'

const ct = vectors<{
  inputs: string[]
  roots: string[]
  consistency: { oldSize: number; size: number; proof: string[] }[]
}>('tlog-tree')

test.each(ct.consistency)('the Certificate Transparency proof from $oldSize to $size', async vector => {
  const { oldSize, size } = vector
  const proof = await proveConsistency(
    sha,
    oldSize,
    size,
    arrayReader(storedHashes(ct.inputs.map(unhex)).stored),
  )
  expect(proof.map(hex)).toEqual(vector.proof)
  checkConsistency(sha, proof, oldSize, unhex(ct.roots[oldSize]!), size, unhex(ct.roots[size]!))
})

test('every pair of sizes up to 70, and no other root', async () => {
  const reader = arrayReader(storedHashes(numberedEntries(70)).stored)
  const roots = await Promise.all(Array.from({ length: 71 }, (_, size) => treeHash(sha, size, reader)))
  for (let size = 0; size <= 70; size++) {
    for (let oldSize = 0; oldSize <= size; oldSize++) {
      const proof = await proveConsistency(sha, oldSize, size, reader)
      checkConsistency(sha, proof, oldSize, roots[oldSize]!, size, roots[size]!)
      const wrong = roots[oldSize === 5 ? 6 : 5]!
      const check = (p: Uint8Array[], old: Uint8Array, now: Uint8Array) => () =>
        checkConsistency(sha, p, oldSize, old, size, now)
      expect(await codeOf(check(proof, wrong, roots[size]!))).toBe('E_CONSISTENCY')
      // Nothing has to be proven about what follows an empty tree.
      if (oldSize > 0) {
        expect(await codeOf(check(proof, roots[oldSize]!, roots[size === 5 ? 6 : 5]!))).toBe('E_CONSISTENCY')
      }
      expect(await codeOf(check([...proof, wrong], roots[oldSize]!, roots[size]!))).toBe('E_CONSISTENCY')
      if (proof.length > 0) {
        expect(await codeOf(check(proof.slice(1), roots[oldSize]!, roots[size]!))).toBe('E_CONSISTENCY')
        expect(await codeOf(check(proof.slice(0, -1), roots[oldSize]!, roots[size]!))).toBe('E_CONSISTENCY')
      }
    }
  }
})

test('trees around powers of two beyond 32 bits', async () => {
  const reader = new ConstantReader()
  const size = fc
    .tuple(fc.constantFrom(2 ** 8, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52), fc.integer({ min: -40, max: 40 }))
    .map(([center, offset]) => Math.min(MAX_SIZE, center + offset))
  await fc.assert(
    fc.asyncProperty(size, size, async (a, b) => {
      const oldSize = Math.min(a, b)
      const newSize = Math.max(a, b)
      const oldRoot = await treeHash(sha, oldSize, reader)
      const root = await treeHash(sha, newSize, reader)
      const proof = await proveConsistency(sha, oldSize, newSize, reader)
      checkConsistency(sha, proof, oldSize, oldRoot, newSize, root)
      const check = (p: Uint8Array[], old: Uint8Array, now: Uint8Array) => () =>
        checkConsistency(sha, p, oldSize, old, newSize, now)
      expect(await codeOf(check([...proof, root], oldRoot, root))).toBe('E_CONSISTENCY')
      expect(await codeOf(check(proof, reader.leaf, root))).toBe('E_CONSISTENCY')
      expect(await codeOf(check(proof, oldRoot, reader.leaf))).toBe('E_CONSISTENCY')
    }),
    { numRuns: 200 },
  )
})

test('any change of a proof is noticed', async () => {
  const reader = arrayReader(storedHashes(numberedEntries(700)).stored)
  const oldRoot = await treeHash(sha, 517, reader)
  const root = await treeHash(sha, 700, reader)
  const proof = await proveConsistency(sha, 517, 700, reader)
  for (const [i, hash] of proof.entries()) {
    for (let byte = 0; byte < 32; byte++) {
      const changed = proof.map(h => h.slice())
      changed[i]![byte] = hash[byte]! ^ 128
      expect(await codeOf(() => checkConsistency(sha, changed, 517, oldRoot, 700, root))).toBe(
        'E_CONSISTENCY',
      )
    }
  }
})

test('limits and mistakes', async () => {
  const hash = emptyRoot(sha)
  const check =
    (proof: Uint8Array[], oldSize: number, size: number, root = hash) =>
    () =>
      checkConsistency(sha, proof, oldSize, hash, size, root)
  expect(await codeOf(check([], 0, 0))).toBe('none')
  expect(await codeOf(check([], 0, 0, sha(hash)))).toBe('E_CONSISTENCY')
  expect(await codeOf(check([hash], 0, 5))).toBe('E_CONSISTENCY')
  expect(await codeOf(check([], 6, 5))).toBe('E_CONSISTENCY')
  expect(await codeOf(check([], 3, 5))).toBe('E_CONSISTENCY')
  expect(await codeOf(check(new Array<Uint8Array>(64).fill(hash), 3, 5))).toBe('E_CONSISTENCY')
  expect(check([], -1, 5)).toThrow(RangeError)
  expect(check([], 1, Number.NaN)).toThrow(RangeError)
  expect(() => proveConsistency(sha, 6, 5, arrayReader([]))).toThrow(RangeError)
})
