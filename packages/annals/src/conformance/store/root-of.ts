import { Frontier, type Hash } from '@annals/tlog'
import { digestBytes, sha256Bytes } from '../../log/digest.ts'
import type { TreeMark } from '../../log/leaf-tree.ts'
import type { Written } from './written.ts'

/** The roots of the trees of these sizes, recomputed from the leaves. Sizes ascend. */
export function rootsOf(written: readonly Written[], sizes: readonly number[]): ReadonlyMap<number, Hash> {
  const frontier = new Frontier(sha256Bytes)
  const roots = new Map<number, Hash>()
  for (const size of sizes) {
    for (let i = frontier.size; i < size; i++) frontier.append((written[i] as Written).leaf)
    roots.set(size, frontier.root())
  }
  return roots
}

/** The root of the tree over everything written. */
export function rootOf(written: readonly Written[]): Hash {
  return rootsOf(written, [written.length]).get(written.length) as Hash
}

/** The root that a mark stands for. */
export function rootOfMark(mark: TreeMark): Hash {
  return Frontier.from(sha256Bytes, mark.size, mark.frontier.map(digestBytes)).root()
}
