import assert from 'node:assert/strict'
import {
  checkConsistency,
  checkInclusion,
  hashFromTile,
  proveConsistency,
  proveInclusion,
  storedHashId,
  TILE_WIDTH,
  TileReader,
  tilesForSize,
  treeHash,
} from '@annals/tlog'
import { sha256Bytes } from '../../log/digest.ts'
import { treeReader } from '../../log/tree-reader.ts'
import type { Draft } from '../../model/index.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { rootsOf } from './root-of.ts'
import type { SampleLog } from './sample-log.ts'

const SMALL: Draft = { action: 'a' }
/** Enough for the first full tile of level 1, and a beginning of the next. */
const TALL = 256 * 256 + 300

export const TREE_LAWS: readonly Law[] = [
  {
    title: 'hashes of every tile of every size are those of the tree',
    async prove(bench) {
      const log = await bench.log()
      for (const size of [1, 2, 3, 249, 1, 1, 255, 1, 130]) {
        await log.append(Array.from({ length: size }, () => SMALL))
        await assertLeaves(log)
      }
    },
  },
  {
    title: 'tiles prove inclusion and consistency for every pair of many sizes',
    async prove(bench) {
      const log = await bench.commonLog()
      await appendHistory(log, 1_100, 21)
      await assertProofs(log, [1, 2, 3, 7, 8, 9, 255, 256, 257, 500, 511, 512, 513, 768, 1_024, 1_099, 1_100])
    },
  },
  {
    title: 'refuses a tile beyond the tree',
    async prove(bench) {
      const log = await bench.commonLog()
      await log.append(Array.from({ length: 300 }, () => SMALL))
      const full = Math.floor(log.size / TILE_WIDTH)
      for (const tile of [
        { level: 0, index: full, width: (log.size % TILE_WIDTH) + 1 },
        { level: 0, index: full + 1, width: 1 },
        { level: 1, index: 0, width: full + 1 },
        { level: 2, index: 0, width: 1 },
      ]) {
        await assert.rejects(() => log.store.log.hashes(tile), JSON.stringify(tile))
      }
    },
  },
  {
    title: 'tiles of three levels prove a tree of 65,836 entries, also when it is opened again',
    async prove(bench) {
      const log = await bench.log()
      for (let left = TALL; left > 0; left -= 4_096) {
        await log.append(Array.from({ length: Math.min(left, 4_096) }, () => SMALL))
      }
      const sizes = [65_279, 65_280, 65_535, 65_536, 65_537, TALL]
      await assertProofs(log, sizes)
      if (bench.supports.persistence) {
        const { store } = log
        const again = await bench.reopen(store)
        await again.log.open()
        await assertProofs({ written: log.written, store: again }, sizes)
      }
    },
  },
]

async function assertLeaves(log: SampleLog): Promise<void> {
  for (const tile of tilesForSize(0, log.size)) {
    for (const width of new Set([1, Math.ceil(tile.width / 2), tile.width])) {
      const bytes = await log.store.log.hashes({ ...tile, width })
      assert.equal(bytes.length, 32 * width)
      if (tile.level > 0) continue
      const leaves = log.written.slice(tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + width)
      assert.ok(Buffer.from(bytes).equals(Buffer.concat(leaves.map(({ leaf }) => leaf))))
    }
  }
  const root = await treeHash(sha256Bytes, log.size, treeReader(log.store.log, log.size))
  assert.deepEqual(Buffer.from(root), Buffer.from(rootsOf(log.written, [log.size]).get(log.size) ?? []))
  if (log.size >= TILE_WIDTH) {
    const bytes = await log.store.log.hashes({ level: 1, index: 0, width: 1 })
    const first = rootsOf(log.written, [TILE_WIDTH]).get(TILE_WIDTH)
    const id = storedHashId(8, 0)
    assert.deepEqual(
      Buffer.from(hashFromTile(sha256Bytes, { level: 1, index: 0, width: 1 }, bytes, id)),
      Buffer.from(first ?? []),
    )
  }
}

/** Proofs are made from tiles that `TileReader` authenticates up to the root, which is recomputed from the leaves. */
async function assertProofs(
  { store, written }: Pick<SampleLog, 'store' | 'written'>,
  sizes: readonly number[],
): Promise<void> {
  const roots = rootsOf(written, sizes)
  for (const [size, root] of roots) {
    const reader = new TileReader(sha256Bytes, { size, root, fetch: tile => store.log.hashes(tile) })
    for (const index of new Set([0, 1, Math.floor(size / 3), Math.floor(size / 2), size - 2, size - 1])) {
      if (index < 0 || index >= size) continue
      const proof = await proveInclusion(sha256Bytes, size, index, reader)
      checkInclusion(sha256Bytes, proof, size, root, index, written[index]?.leaf ?? Buffer.alloc(0))
    }
    for (const [old, oldRoot] of roots) {
      if (old > size) continue
      checkConsistency(
        sha256Bytes,
        await proveConsistency(sha256Bytes, old, size, reader),
        old,
        oldRoot,
        size,
        root,
      )
    }
  }
}
