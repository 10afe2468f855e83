import { TILE_WIDTH, type Tile, tilePath } from '@annals/tlog'
import type { Digest } from '../../log/digest.ts'
import type { TileNode } from '../../log/leaf-tree.ts'

/** The hashes that tiles hold, level by level. */
export class MemoryTiles {
  readonly #levels: Digest[][] = [[]]

  /** Leaf hashes in order. */
  get leaves(): readonly Digest[] {
    return this.#levels[0] ?? []
  }

  add(leaves: readonly Digest[], nodes: readonly TileNode[]): void {
    for (const leaf of leaves) this.#push(0, leaf)
    for (const { level, hash } of nodes) this.#push(level, hash)
  }

  /** @throws RangeError for a tile beyond the tree */
  read(tile: Tile): Uint8Array {
    const start = tile.index * TILE_WIDTH
    const hashes = this.#levels[tile.level]?.slice(start, start + tile.width) ?? []
    if (hashes.length !== tile.width) throw new RangeError(`${tilePath(tile)} is beyond the tree`)
    return Uint8Array.from(Buffer.from(hashes.join(''), 'latin1'))
  }

  #push(level: number, hash: Digest): void {
    const hashes = this.#levels[level]
    if (hashes === undefined) this.#levels[level] = [hash]
    else hashes.push(hash)
  }
}
