// C2SP tlog-tiles: which tiles a tree has, and the tree hashes inside one.
import { TlogError } from './error.ts'
import { HASH_SIZE, type Hash, nodeHash, type Sha256 } from './hash.ts'
import { requireSize } from './size.ts'
import { splitStoredHashId, storedHashCount } from './stored-hash.ts'
import { isTile, TILE_WIDTH, type Tile } from './tile-path.ts'

/** Tree levels that one level of tiles spans. */
const TILE_HEIGHT = 8

/**
 * Tiles to write when a tree grows from `oldSize` to `newSize` leaves: every tile that gained a hash, full ones and
 * then the partial one, level by level from the leaves. A partial tile of the old size is replaced by a wider one.
 *
 * @throws RangeError unless 0 <= oldSize <= newSize <= MAX_SIZE
 * @example
 * tilesForSize(255, 257)
 * // [{ level: 0, index: 0, width: 256 }, { level: 0, index: 1, width: 1 }, { level: 1, index: 0, width: 1 }]
 */
export function tilesForSize(oldSize: number, newSize: number): Tile[] {
  requireSize(oldSize, 'oldSize')
  requireSize(newSize, 'newSize')
  if (oldSize > newSize) throw new RangeError(`oldSize ${oldSize} is larger than newSize ${newSize}`)
  const tiles: Tile[] = []
  let before = oldSize
  let after = newSize
  for (let level = 0; after > before; level++) {
    const full = Math.floor(after / TILE_WIDTH)
    for (let index = Math.floor(before / TILE_WIDTH); index < full; index++) {
      tiles.push({ level, index, width: TILE_WIDTH })
    }
    if (after % TILE_WIDTH > 0) tiles.push({ level, index: full, width: after % TILE_WIDTH })
    before = Math.floor(before / TILE_WIDTH)
    after = full
  }
  return tiles
}

/**
 * The partial tiles of a tree from the highest level down; together their hashes hold the whole frontier, from left to
 * right.
 */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = []
  let count = size
  for (let level = 0; count > 0; level++) {
    const width = count % TILE_WIDTH
    const index = Math.floor(count / TILE_WIDTH)
    if (width > 0) tiles.unshift({ level, index, width })
    count = index
  }
  return tiles
}

/**
 * The tile that holds, or lets compute, a stored hash in a tree of `size` leaves.
 *
 * @throws RangeError when the tree has no such hash
 * @example
 * tileForHash(storedHashId(0, 300), 700) // { level: 0, index: 1, width: 256 }
 */
export function tileForHash(id: number, size: number): Tile {
  const place = splitStoredHashId(id)
  requireSize(size, 'size')
  if (id >= storedHashCount(size)) throw new RangeError(`a tree of ${size} leaves has no stored hash ${id}`)
  const level = Math.floor(place.level / TILE_HEIGHT)
  const first = place.n * 2 ** (place.level % TILE_HEIGHT)
  const index = Math.floor(first / TILE_WIDTH)
  const count = Math.floor(size / TILE_WIDTH ** level)
  return { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) }
}

/**
 * The stored hash with an id, computed from the bytes of a tile. It is as trustworthy as the bytes: `TileReader` is
 * the reader that authenticates them.
 *
 * @throws TlogError E_TILE when the bytes are not `32 * width` long
 * @throws RangeError when the tile does not cover the hash
 * @example
 * const leaf = hashFromTile(sha, { level: 0, index: 0, width: 3 }, bytes, storedHashId(0, 2))
 */
export function hashFromTile(sha: Sha256, tile: Tile, bytes: Uint8Array, id: number): Hash {
  const { height, first } = placeInTile(tile, id)
  requireTileBytes(tile, bytes)
  let hashes: Hash[] = []
  for (let i = first; i < first + 2 ** height; i++) {
    hashes.push(bytes.slice(i * HASH_SIZE, (i + 1) * HASH_SIZE))
  }
  while (hashes.length > 1) {
    const above: Hash[] = []
    for (let i = 0; i + 1 < hashes.length; i += 2) above.push(nodeHash(sha, at(hashes, i), at(hashes, i + 1)))
    hashes = above
  }
  return at(hashes, 0)
}

/** Where a stored hash lies in a tile: its height above the tile's hashes, and the first of those below it. */
export function placeInTile(tile: Tile, id: number): { readonly height: number; readonly first: number } {
  if (!isTile(tile)) throw new RangeError('not a tile of a tree of at most 2^52 leaves')
  const place = splitStoredHashId(id)
  // A node over a whole tile belongs to this tile at height 8 or to the one above at height 0.
  const height = place.level - tile.level * TILE_HEIGHT
  const first = place.n * 2 ** height - tile.index * TILE_WIDTH
  if (height < 0 || height > TILE_HEIGHT || first < 0 || first + 2 ** height > tile.width) {
    throw new RangeError('the tile does not cover this hash')
  }
  return { height, first }
}

/** Throws E_TILE unless the bytes have the length of the tile. */
export function requireTileBytes(tile: Tile, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('tile bytes must be a Uint8Array')
  if (bytes.length !== tile.width * HASH_SIZE) {
    throw new TlogError('E_TILE', `a tile of width ${tile.width} has ${tile.width * HASH_SIZE} bytes`)
  }
}

function at(hashes: readonly Hash[], i: number): Hash {
  const hash = hashes[i]
  if (hash === undefined) throw new RangeError('the tile does not cover this hash')
  return hash
}
