import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { TILE_WIDTH, type Tile, tilePath } from '@annals/tlog'
import { type Digest, digestBytes } from '../../log/digest.ts'
import { LeafTree } from '../../log/leaf-tree.ts'
import type { Positioned } from '../../log/log-store.ts'
import type { DisclosedSecrets, ReadableStore } from '../../log/readable-store.ts'
import { AnnalsError } from '../../model/index.ts'
import type { CountedSlice, Grouping, Matches, Search, SearchIndex } from '../../query/index.ts'
import { derivedFiles } from './derived-files.ts'
import { readDescription } from './description.ts'
import { erasureEpoch } from './erase/erasures.ts'
import { readIfThere } from './files.ts'
import { readKeyEncryption } from './keys/key-encryption.ts'
import { readPepper } from './keys/pepper.ts'
import { type Layout, layoutOf } from './layout.ts'
import { leafOf } from './leaf-of.ts'
import { DirectoryReader } from './read/directory-reader.ts'
import { positioned } from './read/positioned.ts'
import { SecretReader } from './secret-reader.ts'

/**
 * Opens a directory for reading, beside a writer or without one. Nothing in it is changed.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when it holds no log
 */
export async function openEmbeddedReader(options: { readonly dir: string }): Promise<ReadableStore> {
  const layout = layoutOf(options.dir)
  const description = await readDescription(layout)
  if (description === undefined) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `${options.dir} holds no log.`, {
      hint: 'Name the directory of a log, or make one with annals init.',
    })
  }
  const vkey = (await readIfThere(layout.vkey))?.toString('utf8').trim() ?? ''
  return new EmbeddedReader(layout, description.origin, vkey)
}

class EmbeddedReader implements ReadableStore {
  readonly origin: string
  readonly vkey: string
  readonly search: SearchIndex
  readonly derived: ReadableStore['derived']
  readonly #layout: Layout
  readonly #reader: DirectoryReader

  constructor(layout: Layout, origin: string, vkey: string) {
    this.#layout = layout
    this.origin = origin
    this.vkey = vkey
    this.#reader = new DirectoryReader(layout)
    this.search = new DirectSearch(this.#reader)
    this.derived = derivedFiles(layout)
  }

  size(): number {
    return this.#reader.size()
  }

  erasures(): unknown {
    return erasureEpoch(this.#layout)
  }

  read(from: number, to: number): AsyncIterable<readonly Positioned[]> {
    return positioned((at, end) => this.#reader.read(at, end), from, to)
  }

  async hashes(tile: Tile): Promise<Uint8Array> {
    try {
      const bytes = await readFile(join(this.#layout.dir, tilePath({ ...tile, width: TILE_WIDTH })))
      if (bytes.length === TILE_WIDTH * 32) return bytes.subarray(0, tile.width * 32)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    // A tile at the right edge is in no file: its hashes come from the records, or from the tiles below.
    const hashes: Uint8Array[] = []
    const first = tile.index * TILE_WIDTH
    if (tile.level === 0) {
      for await (const batch of this.read(first, first + tile.width)) {
        for (const { record } of batch) hashes.push(digestBytes(leafOf(record)))
      }
    } else {
      for (let n = first; n < first + tile.width; n++) {
        hashes.push(topOf(await this.hashes({ level: tile.level - 1, index: n, width: TILE_WIDTH })))
      }
    }
    return Buffer.concat(hashes)
  }

  async secrets(): Promise<DisclosedSecrets> {
    return await SecretReader.open(this.#layout, () => this.#reader.size())
  }

  async pepper(): Promise<Uint8Array | undefined> {
    try {
      const kek = await readKeyEncryption(this.#layout)
      return kek === undefined ? undefined : await readPepper(this.#layout, kek)
    } catch {
      // Not allowed to read it, or wrapped with a key that is not here: the log can be read without.
      return undefined
    }
  }

  async checkpoint(): Promise<Uint8Array | undefined> {
    return await readIfThere(this.#layout.checkpoint)
  }

  async close(): Promise<void> {
    this.#reader.close()
  }
}

function topOf(tile: Uint8Array): Uint8Array {
  const tree = new LeafTree()
  const bytes = Buffer.from(tile.buffer, tile.byteOffset, tile.length)
  for (let at = 0; at < bytes.length; at += 32)
    tree.append(bytes.toString('latin1', at, at + 32) as Digest, [])
  return digestBytes(tree.root())
}

/** Answers in this thread: for a process that does nothing but read. */
class DirectSearch implements SearchIndex {
  readonly #reader: DirectoryReader

  constructor(reader: DirectoryReader) {
    this.#reader = reader
  }

  async find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches> {
    if (search.patient === true) await setImmediate()
    return this.#reader.find(search, order, limit)
  }

  async count(search: Search, groupings: readonly Grouping[]): Promise<CountedSlice> {
    if (search.patient === true) await setImmediate()
    return this.#reader.count(search, groupings)
  }

  async position(id: string): Promise<number | undefined> {
    return this.#reader.position(id)
  }

  async positionAt(time: number): Promise<number> {
    return this.#reader.positionAt(time)
  }

  async keyed(keys: readonly string[]): Promise<readonly (number | undefined)[]> {
    return this.#reader.keyed(keys)
  }
}
