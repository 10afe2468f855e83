import { encodeEntryBundle, type ParsedTilePath, parseTilePath, TILE_WIDTH, TlogError } from '@annals/tlog'
import type { LogStore } from '../log/log-store.ts'
import { AnnalsError } from '../model/index.ts'

/**
 * The bytes of a tile or of an entry bundle, as C2SP tlog-tiles has them.
 *
 * @param size of the tree; what lies beyond it is not there
 * @param path without a leading slash: `tile/0/x001/067`, `tile/entries/000.p/3`
 * @throws AnnalsError ANNALS_NOT_FOUND for another path, what is not in the tree, or a bundle of which an entry is gone
 */
export async function tileAt(
  log: Pick<LogStore, 'read' | 'hashes'>,
  size: number,
  path: string,
): Promise<Uint8Array> {
  const tile = parsed(path)
  const level = tile.kind === 'tile' ? tile.level : 0
  if (tile.index * TILE_WIDTH + tile.width > Math.floor(size / TILE_WIDTH ** level)) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `The tree of ${size} entries has no ${tile.kind} there.`, {
      hint: 'The latest checkpoint says how large the tree is.',
    })
  }
  if (tile.kind === 'tile') return await log.hashes(tile)
  const from = tile.index * TILE_WIDTH
  const entries: Uint8Array[] = []
  for await (const batch of log.read(from, from + tile.width)) {
    for (const { index, record } of batch) {
      if (record.thinned !== undefined) {
        throw new AnnalsError('ANNALS_NOT_FOUND', `The entry at position ${index} is past its retention.`, {
          hint: 'Nothing but its leaf hash is left, which the tile has.',
        })
      }
      entries.push(record.entry)
    }
  }
  return encodeEntryBundle(entries)
}

function parsed(path: string): ParsedTilePath {
  try {
    return parseTilePath(path)
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause
    throw new AnnalsError('ANNALS_NOT_FOUND', 'This is no path of a tile.', {
      cause,
      hint: 'Paths are those of C2SP tlog-tiles, such as tile/0/x001/067 or tile/entries/000.p/3.',
    })
  }
}
