import { equalBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { type Hash, requireHash, type Sha256 } from './hash.ts'
import { requireSize } from './size.ts'
import { storedHashId } from './stored-hash.ts'
import { edgeTiles, placeInTile, tileForHash } from './tile.ts'
import { TileNodes } from './tile-nodes.ts'
import { TILE_WIDTH, type Tile, tilePath } from './tile-path.ts'
import { type HashReader, rootFromFrontier } from './tree.ts'

/** Gets the bytes of a tile, exactly `32 * width` of them. A source that has only the full tile must cut it. */
export type FetchTile = (tile: Tile) => Promise<Uint8Array> | Uint8Array

/** What a `TileReader` trusts, and where it reads. */
export interface TileReaderOptions {
  /** Leaves of the tree: the size in a checkpoint whose signatures were verified. */
  readonly size: number
  /** Root of that tree, from the same checkpoint. */
  readonly root: Hash
  /** Where tiles come from; nothing it gives is believed. */
  readonly fetch: FetchTile
  /** Full tiles kept after their check, 16 KiB each. @defaultValue 256 */
  readonly cachedTiles?: number
}

/**
 * Reads stored hashes from tiles and authenticates every tile it uses, all its bytes, up to the signed root:
 *
 * 1. The partial tiles of the tree, all of them, must fold to the root. Each of their hashes takes part in that.
 * 2. A full tile must hash to the node that the tile above it holds, and that tile is authenticated the same way.
 *
 * No hash is returned from a tile that failed. Tiles are asked for with the widths they have at this tree size.
 *
 * @throws TlogError E_TILE (rejection) when a tile does not lead to the root
 * @throws RangeError for an id that the tree does not have
 * @example
 * const reader = new TileReader(sha, { size, root, fetch: tile => readFile(tilePath(tile)) })
 * const proof = await proveInclusion(sha, size, 42, reader)
 */
export class TileReader implements HashReader {
  readonly #sha: Sha256
  readonly #size: number
  readonly #root: Hash
  readonly #fetch: FetchTile
  readonly #cachedTiles: number
  readonly #full: Map<string, TileNodes> = new Map()
  #edge: Promise<ReadonlyMap<string, TileNodes>> | undefined

  constructor(sha: Sha256, options: TileReaderOptions) {
    requireSize(options.size, 'size')
    requireHash(options.root, 'root')
    const cachedTiles = options.cachedTiles ?? 256
    if (!Number.isInteger(cachedTiles) || cachedTiles < 1)
      throw new RangeError('cachedTiles must be 1 or more')
    this.#sha = sha
    this.#size = options.size
    this.#root = options.root.slice()
    this.#fetch = options.fetch
    this.#cachedTiles = cachedTiles
  }

  /** The hashes with these ids, from authenticated tiles only. */
  readHashes(ids: readonly number[]): Promise<Hash[]> {
    // Done before the first promise, so that an id beyond the tree is refused at once.
    const wanted = ids.map(id => ({ id, tile: tileForHash(id, this.#size) }))
    return this.#readFrom(wanted)
  }

  async #readFrom(wanted: readonly { readonly id: number; readonly tile: Tile }[]): Promise<Hash[]> {
    const hashes: Hash[] = []
    for (const { id, tile } of wanted) {
      const nodes = await this.#authentic(tile)
      const { height, first } = placeInTile(tile, id)
      hashes.push(nodes.node(height, first / 2 ** height))
    }
    return hashes
  }

  async #authentic(tile: Tile): Promise<TileNodes> {
    const path = tilePath(tile)
    const edge = await this.#authenticEdge()
    const known = edge.get(path) ?? this.#full.get(path)
    if (known !== undefined) {
      if (this.#full.delete(path)) this.#full.set(path, known)
      return known
    }
    if (tile.width !== TILE_WIDTH) throw new TlogError('E_TILE', `${path} is not a tile of this tree`)
    // The root of full tile N of a level is hash N of the level above, where the last tile is always partial.
    const rootId = storedHashId(8 * (tile.level + 1), tile.index)
    const [expected] = await this.#readFrom([{ id: rootId, tile: tileForHash(rootId, this.#size) }])
    const nodes = new TileNodes(this.#sha, tile, await this.#fetch(tile))
    if (expected === undefined || !equalBytes(nodes.node(8, 0), expected)) {
      throw new TlogError('E_TILE', `${path} is not what the signed root commits to`)
    }
    this.#keep(path, nodes)
    return nodes
  }

  #authenticEdge(): Promise<ReadonlyMap<string, TileNodes>> {
    if (this.#edge === undefined) {
      const edge = this.#readEdge()
      // A failure is not remembered: the next read asks the source again.
      edge.catch(() => {
        this.#edge = undefined
      })
      this.#edge = edge
    }
    return this.#edge
  }

  async #readEdge(): Promise<ReadonlyMap<string, TileNodes>> {
    const edge = new Map<string, TileNodes>()
    const frontier: Hash[] = []
    for (const tile of edgeTiles(this.#size)) {
      const nodes = new TileNodes(this.#sha, tile, await this.#fetch(tile))
      edge.set(tilePath(tile), nodes)
      frontier.push(...nodes.frontier())
    }
    if (!equalBytes(rootFromFrontier(this.#sha, frontier), this.#root)) {
      throw new TlogError(
        'E_TILE',
        `${[...edge.keys()].join(', ') || 'no tile'} do not lead to the signed root`,
      )
    }
    return edge
  }

  #keep(path: string, nodes: TileNodes): void {
    if (this.#full.size >= this.#cachedTiles) {
      // A tile that is used is put at the end, so the first one was unused for longest.
      const [unused] = this.#full.keys()
      if (unused !== undefined) this.#full.delete(unused)
    }
    this.#full.set(path, nodes)
  }
}
