import { Frontier, leafHash } from '@annals/tlog'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256Bytes } from '../log/digest.ts'
import { LeafRuns } from './leaf-runs.ts'
import { completeRoot, TreeFold } from './tree-fold.ts'

const leaf = (i: number): string =>
  Buffer.from(leafHash(sha256Bytes, Buffer.from(String(i)))).toString('latin1')

function expectedRoot(size: number): string {
  const frontier = new Frontier(sha256Bytes)
  for (let i = 0; i < size; i++) frontier.append(leafHash(sha256Bytes, Buffer.from(String(i))))
  return Buffer.from(frontier.root()).toString('latin1')
}

test('RFC 6962 roots, leaf by leaf', () => {
  const fold = new TreeFold()
  for (let size = 0; size < 70; size++) {
    expect(fold.root()).toBe(expectedRoot(size))
    fold.push(0, leaf(size))
  }
})

test('the same root from pieces as from leaves', () => {
  const size = 1_500
  const root = expectedRoot(size)
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: size - 1 }), { maxLength: 4 }),
      fc.nat(size),
      (cuts, keep) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), size]
        const tiles: number[] = []
        const fold = new TreeFold()
        let kept: string | undefined
        for (let i = 0; i + 1 < edges.length; i++) {
          const runs = new LeafRuns(edges[i]!, [keep], (index, hashes) => {
            tiles.push(index)
            expect(completeRoot(hashes)).toHaveLength(32)
          })
          for (let at = edges[i]!; at < edges[i + 1]!; at++) runs.add(leaf(at))
          runs.end()
          for (const run of runs.runs) {
            expect(run.at).toBe(fold.size)
            for (let n = 0; n < run.count; n++) {
              if (fold.size === keep) kept = fold.root()
              fold.push(run.height, run.hashes!.toString('latin1', 32 * n, 32 * n + 32))
            }
          }
        }
        if (fold.size === keep) kept = fold.root()
        expect(fold.root()).toBe(root)
        expect(kept).toBe(expectedRoot(keep))
        expect(new Set(tiles).size).toBe(tiles.length)
      },
    ),
    { numRuns: 40 },
  )
})
