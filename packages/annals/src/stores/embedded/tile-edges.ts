import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TILE_WIDTH, tilePath } from '@annals/tlog'
import { type Digest, sha256 } from '../../log/digest.ts'
import { LeafTree } from '../../log/leaf-tree.ts'
import type { TileFiles } from './tile-files.ts'

const TILE_BYTES = TILE_WIDTH * 32
const pair = Buffer.alloc(65)
pair[0] = 1

/**
 * The tree over the first `base` leaves, a multiple of 256, from its full tiles; `tiles` is set to go on from there. The
 * tiles at the right edge are in no file: each of their hashes is the top of a full tile below.
 */
export async function edgesOf(dir: string, base: number, tiles: TileFiles): Promise<LeafTree> {
  const frontier: Digest[] = []
  const levels: Digest[][] = []
  for (let level = 0, nodes = base; nodes > 0; level++, nodes = Math.floor(nodes / TILE_WIDTH)) {
    const index = Math.floor(nodes / TILE_WIDTH)
    const hashes: Digest[] = []
    for (let n = index * TILE_WIDTH; n < nodes; n++) hashes.push(await tileTop(dir, level - 1, n))
    levels.push(hashes)
    tiles.resume(level, index, hashes)
  }
  for (const hashes of levels.reverse()) {
    for (let at = 0, width = 128; width >= 1; width /= 2) {
      if (Math.floor(hashes.length / width) % 2 === 0) continue
      frontier.push(topOf(hashes.slice(at, at + width)))
      at += width
    }
  }
  return new LeafTree({ size: base, frontier })
}

async function tileTop(dir: string, level: number, index: number): Promise<Digest> {
  const path = tilePath({ level, index, width: TILE_WIDTH })
  const bytes = await readFile(join(dir, path))
  if (bytes.length !== TILE_BYTES) throw new RangeError(`${path} has ${bytes.length} bytes`)
  const hashes: Digest[] = []
  for (let at = 0; at < TILE_BYTES; at += 32) hashes.push(bytes.toString('latin1', at, at + 32))
  return topOf(hashes)
}

/** Root of a complete subtree: the number of hashes is a power of two. */
function topOf(hashes: readonly Digest[]): Digest {
  let level = hashes
  while (level.length > 1) {
    const above: Digest[] = []
    for (let i = 0; i < level.length; i += 2) {
      pair.write(level[i] as Digest, 1, 32, 'latin1')
      pair.write(level[i + 1] as Digest, 33, 32, 'latin1')
      above.push(sha256(pair))
    }
    level = above
  }
  return level[0] as Digest
}
