import { readFileSync, rmSync } from 'node:fs'
import { type Checkpoint, parseCheckpoint, parseNote } from '@annals/tlog'
import type { Digest } from '../../log/digest.ts'
import { readEntry } from '../../log/entry.ts'
import type { LeafTree } from '../../log/leaf-tree.ts'
import { AnnalsError } from '../../model/index.ts'
import { readIfThere } from './files.ts'
import type { Layout } from './layout.ts'
import { leafOf } from './leaf-of.ts'
import { listSegments, type SegmentRef } from './segment-file.ts'
import { type Scan, SegmentHeadError, scanSegment } from './segment-scan.ts'
import { edgesOf } from './tile-edges.ts'
import type { TileFiles } from './tile-files.ts'

/** Where the log ends, found by looking. */
export interface Recovered {
  readonly size: number
  readonly last:
    | {
        readonly ref: SegmentRef
        readonly scan: Scan
        readonly entry: { readonly id: string; readonly time: number } | undefined
      }
    | undefined
  readonly tree: LeafTree
  readonly checkpoint: Uint8Array | undefined
  readonly notices: readonly string[]
}

/**
 * Finds the end of the log and puts its tree and tiles in order. Only an append that a crash cut short is cut; anything
 * else that does not fit is damage and refused.
 *
 * @param clean the last writer closed the log
 * @throws AnnalsError ANNALS_CORRUPT
 */
export async function recover(layout: Layout, tiles: TileFiles, clean: boolean): Promise<Recovered> {
  const notices: string[] = []
  const note = await readIfThere(layout.checkpoint)
  const signed = note === undefined ? undefined : readCheckpoint(note)
  const segments = listSegments(layout.chunks)
  let last = await scanLast(segments, signed?.size ?? 0, notices)
  if (last !== undefined && last.scan.count === 0 && segments.length > 1) {
    // A segment that a crash left empty: the one before it is the last.
    segments.pop()
    rmSync(last.ref.path)
    last = await scanLast(segments, signed?.size ?? 0, notices)
  }
  const size = last === undefined ? 0 : last.ref.first + last.scan.count
  if (signed !== undefined && size < signed.size) {
    throw new AnnalsError(
      'ANNALS_CORRUPT',
      `${layout.dir} has ${size} entries, but a checkpoint over ${signed.size} was signed.`,
      {
        hint: 'Entries are missing or damaged. Run annals verify, and restore the directory from a copy.',
      },
    )
  }
  // After an unclean end the tiles written last may be missing or cut short: those of the last two segments are made again.
  const rebuildFrom = clean ? size : (segments.at(-2)?.first ?? 0)
  const tree = await restoreTree(layout, segments, size, rebuildFrom, tiles, notices)
  return { size, last, tree, checkpoint: note, notices }
}

async function scanLast(
  segments: readonly SegmentRef[],
  signed: number,
  notices: string[],
): Promise<Recovered['last']> {
  const ref = segments.at(-1)
  if (ref === undefined) return undefined
  let entry: { id: string; time: number } | undefined
  let lastRecord: Buffer | undefined
  let scan: Scan
  try {
    scan = scanSegment(readFileSync(ref.path), (_, record) => {
      lastRecord = record.entry
    })
  } catch (error) {
    if (!(error instanceof SegmentHeadError) || ref.first < signed) throw corrupt(ref, String(error))
    notices.push(`${ref.path} was being made when the last writer stopped; it held nothing and is removed.`)
    rmSync(ref.path)
    return scanLast(segments.slice(0, -1), signed, notices)
  }
  if (scan.tail.kind === 'damaged') throw corrupt(ref, scan.tail.reason)
  if (scan.tail.kind === 'torn') {
    if (ref.first + scan.count < signed) throw corrupt(ref, 'an append below the signed size is not whole')
    notices.push(
      `The last write to ${ref.path} was cut short by a crash: ${scan.tail.bytes} bytes after position ${ref.first + scan.count - 1} are dropped. Nothing in them was acknowledged.`,
    )
  }
  if (lastRecord !== undefined) {
    const { id, recordedAt } = readEntry(lastRecord.toString('latin1'))
    entry = { id, time: recordedAt }
  }
  return { ref, scan, entry }
}

/** Rebuilds the right edge of the tree from full tiles and the records after them. */
async function restoreTree(
  layout: Layout,
  segments: readonly SegmentRef[],
  size: number,
  rebuildFrom: number,
  tiles: TileFiles,
  notices: string[],
): Promise<LeafTree> {
  const base = Math.floor(Math.min(rebuildFrom, size) / 256) * 256
  let tree: LeafTree
  try {
    tree = await edgesOf(layout.dir, base, tiles)
  } catch (error) {
    if (base === 0) throw error
    notices.push(
      `A hash tile is missing or cut short; all tiles are made again from the records. (${error instanceof Error ? error.message : error})`,
    )
    return restoreTree(layout, segments, size, 0, tiles, [])
  }
  for (const [i, ref] of segments.entries()) {
    if ((segments[i + 1]?.first ?? size) <= base) continue
    const leaves: Digest[] = []
    scanSegment(readFileSync(ref.path), (index, record) => {
      if (index >= base && index < size) leaves.push(leafOf(record))
    })
    for (const leaf of leaves) {
      const nodes: Parameters<LeafTree['append']>[1] = []
      tree.append(leaf, nodes)
      tiles.add([leaf], nodes)
    }
    await tiles.room()
  }
  if (tree.size !== size)
    throw new AnnalsError(
      'ANNALS_CORRUPT',
      `${layout.dir} has a hole: ${tree.size} of ${size} entries can be read.`,
      { hint: 'Run annals verify.' },
    )
  return tree
}

function readCheckpoint(note: Uint8Array): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(note).text)
  } catch (cause) {
    throw new AnnalsError('ANNALS_CORRUPT', 'The published checkpoint is damaged.', {
      cause,
      hint: 'Run annals verify.',
    })
  }
}

function corrupt(ref: SegmentRef, reason: string): AnnalsError {
  return new AnnalsError('ANNALS_CORRUPT', `${ref.path}: ${reason}.`, {
    hint: 'This is damage, not an unfinished write, so nothing is cut. Run annals verify, and restore the segment from a copy.',
  })
}
