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
import { AnnalsError } from '../model/index.ts'

/** Options of {@link exportTiles}. */
export interface ExportTilesOptions {
  /** Directory of the log. */
  readonly dir: string
  /** Directory to write to; made when it is not there. */
  readonly out: string
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/**
 * Writes a log as C2SP tlog-tiles: `checkpoint`, `tile/…`, `tile/entries/…`, and the verifier key as `vkey`. Entries hold no
 * personal data. The tree is that of the latest checkpoint.
 *
 * @returns the number of entries
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log or no checkpoint
 */
export async function exportTiles(options: ExportTilesOptions): Promise<{ readonly size: number }> {
  const { openEmbeddedReader } = await import('../stores/embedded/index.ts')
  const store = await openEmbeddedReader({ dir: options.dir })
  try {
    const checkpoint = await store.checkpoint()
    if (checkpoint === undefined)
      throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no signed checkpoint yet.')
    const { size } = parseCheckpoint(parseNote(checkpoint).text)
    for (const tile of tilesForSize(0, size))
      await write(options.out, tilePath(tile), await store.hashes(tile))
    let bundle: Uint8Array[] = []
    let index = 0
    const flush = async (): Promise<void> => {
      const tile: Omit<Tile, 'level'> = { index: Math.floor((index - 1) / TILE_WIDTH), width: bundle.length }
      await write(options.out, entriesPath(tile), encodeEntryBundle(bundle))
      bundle = []
      options.onProgress?.(index, size)
    }
    for await (const batch of store.read(0, size)) {
      for (const { record } of batch) {
        bundle.push(record.entry)
        index++
        if (index % TILE_WIDTH === 0) await flush()
      }
    }
    if (bundle.length > 0) await flush()
    await write(options.out, 'vkey', Buffer.from(`${store.vkey}\n`))
    await write(options.out, 'checkpoint', checkpoint)
    return { size }
  } finally {
    await store.close()
  }
}

async function write(out: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(out, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}
