import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isOwnEntry } from '../../../log/own-entry.ts'
import { replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'
import type { SharedState } from '../shared-state.ts'
import type { ChunkPlace } from './chunk-segments.ts'
import { spineIfEmpty, thinRecords } from './thin-chunk.ts'

/** File that says of a chunk that it was dropped: what is left of it need not be looked at to know. */
const MARK = 'dropped'

/**
 * Thins every entry of a sealed chunk but the log's own: they say what was archived, erased, held and expired, and no deletion
 * may lose its authority. Again, it does nothing.
 */
export async function dropChunk(
  layout: Layout,
  lo: number,
  { dir, segments }: ChunkPlace,
  shared: SharedState,
): Promise<void> {
  if (isDropped(dir)) return
  await thinRecords(layout, segments, (_, { entry }) => !isOwnEntry(entry), shared)
  await spineIfEmpty(layout, lo, segments, shared)
  await replaceFile(join(dir, MARK), '')
}

/** Whether the chunk in a directory was dropped. */
export function isDropped(dir: string): boolean {
  return existsSync(join(dir, MARK))
}
