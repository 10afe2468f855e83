import { expect, test } from 'vitest'
import { frontierIds, type Hash, leafHash, nodeHash, rootFromFrontier, treeHash } from './index.ts'
import { arrayReader, hex, numberedEntries, sha, storedHashes, unhex, vectors } from './testing/support.ts'

const ct = vectors<{ inputs: string[]; roots: string[] }>('tlog-tree')

test('the Certificate Transparency reference roots', async () => {
  for (const [size, root] of ct.roots.entries()) {
    const { stored, frontier } = storedHashes(ct.inputs.slice(0, size).map(unhex))
    expect(hex(await treeHash(sha, size, arrayReader(stored)))).toBe(root)
    expect(hex(frontier.root())).toBe(root)
  }
})

/** MTH exactly as RFC 6962 section 2.1 defines it. */
function definedRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length <= 1) return leaves[0] ?? sha(new Uint8Array(0))
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(sha, definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)))
}

test('every root up to 130 leaves is the one RFC 6962 defines', async () => {
  const entries = numberedEntries(130)
  const reader = arrayReader(storedHashes(entries).stored)
  const leaves = entries.map(entry => leafHash(sha, entry))
  for (let size = 0; size <= 130; size++) {
    expect(hex(await treeHash(sha, size, reader))).toBe(hex(definedRoot(leaves.slice(0, size))))
  }
})

test('frontier ids name the maximal complete subtrees', () => {
  expect(frontierIds(0)).toEqual([])
  expect(frontierIds(3)).toEqual([2, 3])
  expect(frontierIds(7)).toEqual([6, 9, 10])
  expect(frontierIds(2 ** 32 + 1)).toEqual([2 ** 33 - 2, 2 ** 33 - 1])
})

test('wrong arguments and readers are refused', async () => {
  expect(() => treeHash(sha, -1, arrayReader([]))).toThrow(RangeError)
  expect(() => frontierIds(2 ** 52 + 1)).toThrow(RangeError)
  expect(() => rootFromFrontier(sha, [new Uint8Array(5)])).toThrow(TypeError)
  await expect(treeHash(sha, 3, { readHashes: () => [] })).rejects.toThrow(TypeError)
  await expect(treeHash(sha, 1, { readHashes: () => [new Uint8Array(31)] })).rejects.toThrow(TypeError)
})
