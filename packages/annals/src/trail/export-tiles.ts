import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  encodeEntryBundle,
  entriesPath,
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesForSize,
} from '@annals/tlog'
import type { Range } from '../log/log-store.ts'
import { AnnalsError } from '../model/index.ts'

/** Options of {@link exportTiles}. */
export interface ExportTilesOptions {
  /** Directory of the log. */
  readonly dir: string
  /** Directory to write to; made when it is not there. */
  readonly out: string
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What {@link exportTiles} has written. */
export interface ExportedTiles {
  /** Entries in the tree. */
  readonly size: number
  /**
   * Positions for which no bundle could be written, because nothing but the leaf hash is left of an entry in it: past its
   * retention, or in a chunk that was dropped. Their tiles are complete.
   */
  readonly missing: readonly Range[]
}

/**
 * Writes a log as C2SP tlog-tiles: `checkpoint`, `tile/…`, `tile/entries/…`, and the verifier key as `vkey`. Entries hold no
 * personal data. The tree is that of the latest checkpoint.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log or no checkpoint
 */
export async function exportTiles(options: ExportTilesOptions): Promise<ExportedTiles> {
  const { openEmbeddedReader } = await import('../stores/embedded/index.ts')
  const store = await openEmbeddedReader({ dir: options.dir })
  try {
    const checkpoint = await store.checkpoint()
    if (checkpoint === undefined)
      throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no signed checkpoint yet.')
    const { size } = parseCheckpoint(parseNote(checkpoint).text)
    for (const tile of tilesForSize(0, size))
      await write(options.out, tilePath(tile), await store.hashes(tile))
    const missing: Range[] = []
    let bundle: Uint8Array[] = []
    let whole = true
    const flush = async (index: number): Promise<void> => {
      const tile: Omit<Tile, 'level'> = { index: Math.floor((index - 1) / TILE_WIDTH), width: bundle.length }
      if (whole) await write(options.out, entriesPath(tile), encodeEntryBundle(bundle))
      else addRange(missing, [tile.index * TILE_WIDTH, index])
      bundle = []
      whole = true
      options.onProgress?.(index, size)
    }
    for await (const batch of store.read(0, size)) {
      for (const { index, record } of batch) {
        bundle.push(record.entry)
        whole &&= record.thinned === undefined
        if ((index + 1) % TILE_WIDTH === 0) await flush(index + 1)
      }
    }
    if (bundle.length > 0) await flush(size)
    await write(options.out, 'vkey', Buffer.from(`${store.vkey}\n`))
    await write(options.out, 'checkpoint', checkpoint)
    return { size, missing }
  } finally {
    await store.close()
  }
}

/** Adds a range that begins where the last one ended, or later. */
function addRange(ranges: Range[], [from, to]: Range): void {
  const last = ranges.at(-1)
  if (last?.[1] === from) ranges[ranges.length - 1] = [last[0], to]
  else ranges.push([from, to])
}

async function write(out: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(out, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}
