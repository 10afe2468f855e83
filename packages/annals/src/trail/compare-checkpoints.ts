import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCheckpoint, parseNote, TILE_WIDTH, type Tile, TlogError, tilePath } from '@annals/tlog'
import { treeReader } from '../log/tree-reader.ts'
import { AnnalsError } from '../model/index.ts'
import {
  type CheckpointComparison,
  type ComparedLog,
  checkCheckpoints,
} from '../verify/compare-checkpoints.ts'
import { policyOf, type Trust } from './verify-receipt.ts'

/** Options of {@link compareCheckpoints}. */
export interface CompareCheckpointsOptions extends Trust {
  /** Directory of the log, to prove that one extends the other. */
  readonly dir?: string | undefined
  /** Instead: a directory of tlog-tiles, as `exportTiles` writes it. */
  readonly tiles?: string | undefined
}

/**
 * Compares two checkpoints of one log, from whoever kept them: the same history, one that goes on from the other, or two that
 * contradict each other. Nothing of the log or its tiles is believed.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log or no tiles
 * @throws TypeError for a key or policy that cannot be read
 * @example
 * ```ts
 * const { relation, findings } = await compareCheckpoints(mine, yours, { vkey, dir: './annals-data' })
 * ```
 */
export async function compareCheckpoints(
  first: Uint8Array,
  second: Uint8Array,
  options: CompareCheckpointsOptions = {},
): Promise<CheckpointComparison> {
  const { vkey, policyText, dir, tiles } = options
  const policy = vkey === undefined && policyText === undefined ? undefined : policyOf({ vkey, policyText })
  if (tiles !== undefined) return await checkCheckpoints(first, second, policy, await tilesIn(tiles))
  if (dir === undefined) return await checkCheckpoints(first, second, policy, undefined)
  const { openEmbeddedReader } = await import('../stores/embedded/index.ts')
  const store = await openEmbeddedReader({ dir })
  try {
    const log: ComparedLog = {
      origin: store.origin,
      size: store.size(),
      reader: size => treeReader(store, size),
    }
    return await checkCheckpoints(first, second, policy, log)
  } finally {
    await store.close()
  }
}

/** A log as static tiles, of the tree that its checkpoint names. */
async function tilesIn(dir: string): Promise<ComparedLog> {
  const { origin, size } = await checkpointIn(dir)
  const hashes = async ({ level, index, width }: Tile): Promise<Uint8Array> => {
    // The tile may have grown since the tree that is asked for.
    const grown = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH)
    const bytes = await readFile(join(dir, tilePath({ level, index, width: grown }))).catch(missing)
    return bytes.subarray(0, width * 32)
  }
  return { origin, size, reader: asked => treeReader({ hashes }, asked) }
}

async function checkpointIn(dir: string): Promise<{ readonly origin: string; readonly size: number }> {
  try {
    return parseCheckpoint(parseNote(await readFile(join(dir, 'checkpoint')).catch(missing)).text)
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    throw new AnnalsError('ANNALS_CORRUPT', `The checkpoint in ${dir} is none.`, { cause: error })
  }
}

function missing(cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause
  throw new AnnalsError('ANNALS_NOT_FOUND', `${cause.path ?? 'A file'} is not there.`, {
    cause,
    hint: 'Name a directory that "annals export-tiles" wrote, with all its files.',
  })
}
