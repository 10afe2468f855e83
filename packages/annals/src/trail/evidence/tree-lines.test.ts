import { nodeHash, rootFromFrontier } from '@annals/tlog'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { digestBytes, sha256, sha256Bytes } from '../../log/digest.ts'
import { TreeFold } from '../../verify/tree-fold.ts'
import { subtreesBetween } from './tree-lines.ts'

it('subtrees cover a range once, are aligned, and are as large as they can be', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      let next = from
      for (const { index, height } of subtreesBetween(from, to)) {
        const width = 2 ** height
        expect(index).toBe(next)
        expect(index % width).toBe(0)
        const isLargest = index % (2 * width) !== 0 || index + 2 * width > to
        expect(isLargest).toBe(true)
        next = index + width
      }
      expect(next).toBe(to)
      expect(subtreesBetween(from, to).length).toBeLessThanOrEqual(2 * 17)
    }),
  )
})

it('folded from left to right they are the tree of RFC 6962', () => {
  const size = 37
  const leaves = Array.from({ length: size }, (_, n) => sha256(Buffer.from([n])))
  const node = (level: number, n: number): Uint8Array =>
    level === 0
      ? digestBytes(leaves[n] as string)
      : nodeHash(sha256Bytes, node(level - 1, 2 * n), node(level - 1, 2 * n + 1))
  const root = rootFromFrontier(
    sha256Bytes,
    subtreesBetween(0, size).map(({ index, height }) => node(height, index / 2 ** height)),
  )
  for (const included of [[], [0], [36], [3, 4, 20], leaves.map((_, n) => n)]) {
    const fold = new TreeFold()
    for (const position of [...included, size]) {
      for (const { index, height } of subtreesBetween(fold.size, position))
        fold.push(height, Buffer.from(node(height, index / 2 ** height)).toString('latin1'))
      if (position < size) fold.push(0, leaves[position] as string)
    }
    expect(digestBytes(fold.root())).toEqual(Buffer.from(root))
  }
})
