import { HASH_SIZE, type Hash, nodeHash, type Sha256 } from './hash.ts'
import { requireTileBytes } from './tile.ts'
import type { Tile } from './tile-path.ts'

/**
 * All complete nodes above the hashes of one tile, computed from a copy of its bytes, so that one pass serves both the
 * authentication of every byte and all later reads.
 */
export class TileNodes {
  /** Level by level from the tile's own hashes: `floor(width / 2^height)` nodes each. */
  readonly #levels: readonly Uint8Array[]

  constructor(sha: Sha256, tile: Tile, bytes: Uint8Array) {
    requireTileBytes(tile, bytes)
    let below: Uint8Array = bytes.slice()
    const levels = [below]
    for (let count = Math.floor(tile.width / 2); count > 0; count = Math.floor(count / 2)) {
      const level = new Uint8Array(count * HASH_SIZE)
      for (let i = 0; i < count; i++) {
        const left = below.subarray(2 * i * HASH_SIZE, (2 * i + 1) * HASH_SIZE)
        const right = below.subarray((2 * i + 1) * HASH_SIZE, (2 * i + 2) * HASH_SIZE)
        level.set(nodeHash(sha, left, right), i * HASH_SIZE)
      }
      levels.push(level)
      below = level
    }
    this.#levels = levels
  }

  /** A copy of node `n` at `height` above the tile's hashes. */
  node(height: number, n: number): Hash {
    const level = this.#levels[height]
    const hash = level?.slice(n * HASH_SIZE, (n + 1) * HASH_SIZE)
    if (hash?.length !== HASH_SIZE) throw new RangeError('the tile does not cover this hash')
    return hash
  }

  /** The maximal complete subtrees of the tile from left to right; for a full tile its root alone. */
  frontier(): Hash[] {
    const hashes: Hash[] = []
    for (const [height, level] of this.#levels.entries()) {
      const count = level.length / HASH_SIZE
      if (count % 2 === 1) hashes.unshift(this.node(height, count - 1))
    }
    return hashes
  }
}
