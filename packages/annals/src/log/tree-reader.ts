import { type Hash, type HashReader, hashFromTile, splitStoredHashId, type Tile } from '@annals/tlog'
import { sha256Bytes } from './digest.ts'

/** Where tiles can be read; the size of the tree is known to the caller. */
export interface TileSource {
  hashes(tile: Tile): Promise<Uint8Array>
}

/**
 * Reads tree nodes of a log through its tiles, up to `size`. It trusts its source: for a tree that lies elsewhere use
 * `TileReader` of @annals/tlog, which authenticates every tile.
 */
export function treeReader(source: TileSource, size: number): HashReader {
  return {
    async readHashes(ids: readonly number[]): Promise<Hash[]> {
      const tiles = new Map<string, Promise<Uint8Array>>()
      return await Promise.all(
        ids.map(async id => {
          const { level, n } = splitStoredHashId(id)
          const tileLevel = Math.floor(level / 8)
          const index = Math.floor((n * 2 ** (level - 8 * tileLevel)) / 256)
          const width = Math.min(256, Math.floor(size / 256 ** tileLevel) - index * 256)
          const tile = { level: tileLevel, index, width }
          const name = `${tileLevel}/${index}`
          let bytes = tiles.get(name)
          if (bytes === undefined) {
            bytes = source.hashes(tile)
            tiles.set(name, bytes)
          }
          return hashFromTile(sha256Bytes, tile, await bytes, id)
        }),
      )
    },
  }
}
