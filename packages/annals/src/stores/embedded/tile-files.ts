import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TILE_WIDTH, type Tile, tilePath } from '@annals/tlog'
import type { Digest } from '../../log/digest.ts'
import type { TileNode } from '../../log/leaf-tree.ts'

const TILE_BYTES = TILE_WIDTH * 32
/** Full tiles that may wait for their file before appends wait too: 8 MiB. */
const MOST_WAITING = 1_024

/** A full tile on its way to its file. */
export interface TileFile {
  /** Path below the directory of the log. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** Writes tile files; the real one works in a thread of its own. */
export interface TileWriting {
  write(files: readonly TileFile[]): Promise<void>
  /** Makes everything written since the last call durable. */
  sync(): Promise<void>
}

interface Edge {
  /** Full tiles before this one. */
  index: number
  /** Hashes in it. */
  width: number
  bytes: Buffer
}

/**
 * Hash tiles as files of C2SP tlog-tiles. Full tiles are files; the tiles at the right edge live in memory, since the
 * records rebuild them. Files are written behind the appends, many at a time by another thread, and made durable when a
 * segment ends.
 */
export class TileFiles {
  readonly #dir: string
  readonly #edges: Edge[] = []
  readonly #waiting = new Map<string, Buffer>()
  #fresh: TileFile[] = []
  #writing = false
  #unsynced = false
  #failure: unknown
  #room: (() => void)[] = []
  readonly #writer: TileWriting

  constructor(dir: string, writer: TileWriting) {
    this.#dir = dir
    this.#writer = writer
  }

  /** Sets where a level goes on: full tiles before, and the hashes of the tile at the edge. */
  resume(level: number, index: number, hashes: readonly Digest[]): void {
    const edge: Edge = { index, width: 0, bytes: Buffer.allocUnsafeSlow(TILE_BYTES) }
    this.#edges[level] = edge
    for (const hash of hashes) edge.bytes.write(hash, 32 * edge.width++, 32, 'latin1')
  }

  /** Adds leaf hashes and the higher nodes they completed. */
  add(leaves: readonly Digest[], nodes: readonly TileNode[]): void {
    for (const leaf of leaves) this.#push(0, leaf)
    for (const node of nodes) this.#push(node.level, node.hash)
  }

  /** Resolves when few enough tiles wait. */
  async room(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    while (this.#waiting.size > MOST_WAITING) await new Promise<void>(resolve => this.#room.push(resolve))
  }

  async read(tile: Tile): Promise<Uint8Array> {
    const edge = this.#edges[tile.level]
    if (edge !== undefined && edge.index === tile.index) {
      if (tile.width > edge.width) throw new RangeError(`tile ${tilePath(tile)} is beyond the tree`)
      return Uint8Array.from(edge.bytes.subarray(0, 32 * tile.width))
    }
    const path = tilePath({ ...tile, width: TILE_WIDTH })
    const bytes = this.#waiting.get(path) ?? (await readFile(join(this.#dir, path)))
    if (bytes.length !== TILE_BYTES) throw new RangeError(`tile ${path} has ${bytes.length} bytes`)
    return bytes.subarray(0, 32 * tile.width)
  }

  /** Resolves when every full tile is in its file. */
  async written(): Promise<void> {
    while (this.#waiting.size > 0 && this.#failure === undefined)
      await new Promise<void>(resolve => this.#room.push(resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Makes the files written so far durable. */
  async sync(): Promise<void> {
    await this.written()
    if (!this.#unsynced) return
    this.#unsynced = false
    await this.#writer.sync()
  }

  #push(level: number, hash: Digest): void {
    let edge = this.#edges[level]
    if (edge === undefined) {
      edge = { index: 0, width: 0, bytes: Buffer.allocUnsafeSlow(TILE_BYTES) }
      this.#edges[level] = edge
    }
    edge.bytes.write(hash, 32 * edge.width, 32, 'latin1')
    if (++edge.width < TILE_WIDTH) return
    const path = tilePath({ level, index: edge.index, width: TILE_WIDTH })
    this.#waiting.set(path, edge.bytes)
    this.#fresh.push({ path, bytes: edge.bytes })
    this.#edges[level] = { index: edge.index + 1, width: 0, bytes: Buffer.allocUnsafeSlow(TILE_BYTES) }
    if (!this.#writing) void this.#write()
  }

  async #write(): Promise<void> {
    this.#writing = true
    try {
      while (this.#fresh.length > 0) {
        const files = this.#fresh
        this.#fresh = []
        this.#unsynced = true
        await this.#writer.write(files)
        for (const { path } of files) this.#waiting.delete(path)
        this.#wake()
      }
    } catch (error) {
      this.#failure = error
      this.#wake()
    } finally {
      this.#writing = false
    }
  }

  #wake(): void {
    const room = this.#room
    this.#room = []
    for (const resolve of room) resolve()
  }
}
