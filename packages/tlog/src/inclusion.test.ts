import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkInclusion, emptyRoot, leafHash, MAX_SIZE, proveInclusion, treeHash } from './index.ts'
import {
  arrayReader,
  ConstantReader,
  codeOf,
  hex,
  numberedEntries,
  sha,
  storedHashes,
  unhex,
  utf8,
  vectors,
} from './testing/support.ts'

const ct = vectors<{
  inputs: string[]
  roots: string[]
  inclusion: { index: number; size: number; proof: string[] }[]
}>('tlog-tree')

test.each(ct.inclusion)('the Certificate Transparency path of leaf $index in $size', async vector => {
  const inputs = ct.inputs.map(unhex)
  const proof = await proveInclusion(sha, vector.size, vector.index, arrayReader(storedHashes(inputs).stored))
  expect(proof.map(hex)).toEqual(vector.proof)
  const leaf = leafHash(sha, inputs[vector.index]!)
  checkInclusion(sha, vector.proof.map(unhex), vector.size, unhex(ct.roots[vector.size]!), vector.index, leaf)
})

test('every leaf of every tree up to 70 leaves, and nowhere else', async () => {
  const entries = numberedEntries(70)
  const leaves = entries.map(entry => leafHash(sha, entry))
  const reader = arrayReader(storedHashes(entries).stored)
  for (let size = 1; size <= 70; size++) {
    const root = await treeHash(sha, size, reader)
    for (let index = 0; index < size; index++) {
      const proof = await proveInclusion(sha, size, index, reader)
      checkInclusion(sha, proof, size, root, index, leaves[index]!)
      const other = (index + 1) % size
      if (other === index) continue
      expect(await codeOf(() => checkInclusion(sha, proof, size, root, other, leaves[index]!))).toBe(
        'E_INCLUSION',
      )
      expect(await codeOf(() => checkInclusion(sha, proof, size, root, index, leaves[other]!))).toBe(
        'E_INCLUSION',
      )
    }
  }
})

test('trees around powers of two beyond 32 bits', async () => {
  const reader = new ConstantReader()
  const around = (center: number): fc.Arbitrary<number> =>
    fc.integer({ min: center - 40, max: Math.min(MAX_SIZE, center + 40) })
  const sizes = fc.oneof(...[2 ** 8, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 52].map(around))
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.nat(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (size, offset, part) => {
        const root = await treeHash(sha, size, reader)
        const positions = [0, size - 1, Math.floor((size - 1) * part), Math.max(0, size - 1 - (offset % 100))]
        for (const near of [2 ** 31, 2 ** 32]) if (near < size) positions.push(near - 1, near)
        for (const index of positions) {
          const proof = await proveInclusion(sha, size, index, reader)
          checkInclusion(sha, proof, size, root, index, reader.leaf)
          const wrong = leafHash(sha, utf8('other'))
          expect(await codeOf(() => checkInclusion(sha, proof, size, root, index, wrong))).toBe('E_INCLUSION')
          const longer = [...proof, reader.leaf]
          expect(await codeOf(() => checkInclusion(sha, longer, size, root, index, reader.leaf))).toBe(
            'E_INCLUSION',
          )
          const shorter = proof.slice(0, -1)
          expect(await codeOf(() => checkInclusion(sha, shorter, size, root, index, reader.leaf))).toBe(
            'E_INCLUSION',
          )
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('any change of a proof is noticed', async () => {
  const { stored, frontier } = storedHashes(numberedEntries(700))
  const root = frontier.root()
  const leaf = leafHash(sha, numberedEntries(700)[513]!)
  const proof = await proveInclusion(sha, 700, 513, arrayReader(stored))
  for (const [i, hash] of proof.entries()) {
    for (let byte = 0; byte < 32; byte++) {
      const changed = proof.map(h => h.slice())
      changed[i]![byte] = hash[byte]! ^ 1
      expect(await codeOf(() => checkInclusion(sha, changed, 700, root, 513, leaf))).toBe('E_INCLUSION')
    }
    const without = proof.filter((_, at) => at !== i)
    expect(await codeOf(() => checkInclusion(sha, without, 700, root, 513, leaf))).toBe('E_INCLUSION')
  }
})

test('limits and mistakes', async () => {
  const hash = emptyRoot(sha)
  const check = (proof: Uint8Array[], size: number, index: number) => () =>
    checkInclusion(sha, proof, size, hash, index, hash)
  expect(await codeOf(check([], 0, 0))).toBe('E_INCLUSION')
  expect(await codeOf(check([], 5, 5))).toBe('E_INCLUSION')
  expect(await codeOf(check(new Array<Uint8Array>(64).fill(hash), 5, 1))).toBe('E_INCLUSION')
  expect(await codeOf(check([new Uint8Array(31)], 2, 1))).toBe('E_INCLUSION')
  expect(check([], 5, -1)).toThrow(RangeError)
  expect(check([], 5.5, 1)).toThrow(RangeError)
  expect(check([], MAX_SIZE + 2, 1)).toThrow(RangeError)
  expect(() => checkInclusion(sha, [], 1, new Uint8Array(31), 0, hash)).toThrow(TypeError)
  expect(() => checkInclusion(sha, 'x' as unknown as Uint8Array[], 1, hash, 0, hash)).toThrow(TypeError)
  expect(() => proveInclusion(sha, 5, 5, arrayReader([]))).toThrow(RangeError)
})
