import { createHash } from 'node:crypto'
import { Frontier, leafHash, splitStoredHashId, storedHashCount } from '@annals/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestBytes, sha256Bytes } from './digest.ts'
import { LeafTree, type TileNode } from './leaf-tree.ts'

const LEAVES = Array.from({ length: 66_000 }, (_, i) => leafHash(sha256Bytes, Buffer.from(String(i))))

describe('LeafTree', () => {
  it('an empty tree has the hash of nothing as its root', () => {
    expect(root(new LeafTree())).toBe(createHash('sha256').digest('hex'))
  })

  it('has the root and edge of the RFC 6962 tree at every size', () => {
    const tree = new LeafTree()
    const frontier = new Frontier(sha256Bytes)
    for (let size = 1; size <= 1_100; size++) {
      tree.append(latin1(LEAVES[size - 1]!), [])
      frontier.append(LEAVES[size - 1]!)
      expect(tree.size).toBe(size)
      expect(root(tree)).toBe(Buffer.from(frontier.root()).toString('hex'))
      expect(tree.mark()).toEqual({ size, frontier: frontier.hashes().map(latin1) })
    }
  })

  it('says every node that tiles above level 0 store, up to level 2, in the order it is completed', () => {
    const tree = new LeafTree()
    const frontier = new Frontier(sha256Bytes)
    const nodes: TileNode[] = []
    const expected: TileNode[] = []
    let next = storedHashCount(0)
    for (const leaf of LEAVES) {
      tree.append(latin1(leaf), nodes)
      for (const hash of frontier.append(leaf)) {
        const { level } = splitStoredHashId(next++)
        if (level > 0 && level % 8 === 0) expected.push({ level: level / 8, hash: latin1(hash) })
      }
    }
    expect(nodes.filter(node => node.level === 1)).toHaveLength(257)
    expect(nodes.filter(node => node.level === 2)).toHaveLength(1)
    expect(nodes).toEqual(expected)
  })

  it('goes on from a mark, and back to one, as if nothing had been', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(300), fc.nat(300), (first, lost, then) => {
        const tree = new LeafTree()
        const add = (to: LeafTree, from: number, count: number): TileNode[] => {
          const nodes: TileNode[] = []
          for (let i = from; i < from + count; i++) to.append(latin1(LEAVES[i]!), nodes)
          return nodes
        }
        add(tree, 0, first)
        const mark = tree.mark()
        const resumed = new LeafTree(mark)
        add(tree, 10_000, lost)
        tree.restore(mark)
        expect(add(tree, first, then)).toEqual(add(resumed, first, then))
        const straight = new LeafTree()
        add(straight, 0, first + then)
        expect(tree.mark()).toEqual(straight.mark())
        expect(resumed.mark()).toEqual(straight.mark())
        expect(mark.size).toBe(first)
      }),
      { numRuns: 60 },
    )
  })

  it('a mark is a copy: appending does not change it, nor the tree that was made from it', () => {
    const tree = new LeafTree()
    tree.append(latin1(LEAVES[0]!), [])
    const mark = tree.mark()
    const other = new LeafTree(mark)
    tree.append(latin1(LEAVES[1]!), [])
    expect(mark).toEqual({ size: 1, frontier: [latin1(LEAVES[0]!)] })
    expect(other.size).toBe(1)
  })
})

function root(tree: LeafTree): string {
  return digestBytes(tree.root()).toString('hex')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
