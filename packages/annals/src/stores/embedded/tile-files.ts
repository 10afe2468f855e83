import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TILE_WIDTH, type Tile, tilePath } from '@annals/tlog'
import type { Digest } from '../../log/digest.ts'
import type { TileNode } from '../../log/leaf-tree.ts'

const TILE_BYTES = TILE_WIDTH * 32
/** Full tiles that may wait for their file before appends wait too: 8 MiB. */
const MOST_WAITING = 1_024
const WRITERS = 8

interface Edge {
  /** Full tiles before this one. */
  index: number
  /** Hashes in it. */
  width: number
  bytes: Buffer
}

/**
 * Hash tiles as files of C2SP tlog-tiles. Full tiles are files; the tiles at the right edge live in memory, since the
 * records rebuild them. Files are written behind the appends and made durable when a segment ends.
 */
export class TileFiles {
  readonly #dir: string
  readonly #edges: Edge[] = []
  readonly #waiting = new Map<string, Buffer>()
  readonly #queue: string[] = []
  #unsynced: string[] = []
  #writers = 0
  #failure: Error | undefined
  #room: (() => void)[] = []
  readonly #made = new Set<string>()

  constructor(dir: string) {
    this.#dir = dir
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
    const paths = this.#unsynced
    this.#unsynced = []
    const directories = new Set<string>()
    for (const path of paths) {
      await syncPath(path)
      directories.add(dirname(path))
    }
    for (const dir of directories) await syncPath(dir)
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
    this.#queue.push(path)
    this.#edges[level] = { index: edge.index + 1, width: 0, bytes: Buffer.allocUnsafeSlow(TILE_BYTES) }
    if (this.#writers < WRITERS) {
      this.#writers++
      this.#write().catch(error => {
        this.#failure = error
        this.#wake()
      })
    }
  }

  async #write(): Promise<void> {
    try {
      for (let path = this.#queue.shift(); path !== undefined; path = this.#queue.shift()) {
        const file = join(this.#dir, path)
        await this.#makeDirectory(dirname(file))
        await writeFile(file, this.#waiting.get(path) as Buffer)
        this.#unsynced.push(file)
        this.#waiting.delete(path)
        this.#wake()
      }
    } finally {
      this.#writers--
    }
  }

  async #makeDirectory(dir: string): Promise<void> {
    if (this.#made.has(dir)) return
    await mkdir(dir, { recursive: true })
    if (this.#made.size > 1_000) this.#made.clear()
    this.#made.add(dir)
  }

  #wake(): void {
    const room = this.#room
    this.#room = []
    for (const resolve of room) resolve()
  }
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
