import { readFileSync, rmSync } from 'node:fs'
import { type Checkpoint, parseCheckpoint, parseNote } from '@annals/tlog'
import { findCommit } from '../../log/commit-frame.ts'
import type { Digest } from '../../log/digest.ts'
import { readEntry } from '../../log/entry.ts'
import type { LeafTree } from '../../log/leaf-tree.ts'
import { isOwnEntry } from '../../log/own-entry.ts'
import { AnnalsError } from '../../model/index.ts'
import { readIfThere } from './files.ts'
import { removeIndex } from './index/segment-index.ts'
import type { Layout } from './layout.ts'
import { leafOf } from './leaf-of.ts'
import { openRecords } from './read/open-records.ts'
import { discardFile, discardTemporary, shredNamed } from './sealed/discard.ts'
import { hideIndex } from './sealed/hide-index.ts'
import { leftSegments, listSegments, type SegmentRef } from './segment-file.ts'
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
        /** The chunk it belongs to holds nothing but `log.*` entries. */
        readonly own: boolean
        readonly entry: { readonly id: string; readonly time: number; readonly source: string } | undefined
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
  await removeLeftovers(layout.chunks)
  const segments = listSegments(layout.chunks)
  const last = scanLast(segments, signed?.size ?? 0, notices)
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

/** Scans the last segment that holds anything; those that a crash left without an entry are removed, also from the list. */
function scanLast(segments: SegmentRef[], signed: number, notices: string[]): Recovered['last'] {
  for (let ref = segments.at(-1); ref !== undefined; ref = segments.at(-1)) {
    if (ref.form !== 'seg') {
      // A chunk is sealed only when another has begun behind it.
      throw corrupt(ref, 'the log ends in a sealed chunk, so what followed it is missing')
    }
    const bytes = readFileSync(ref.path)
    const found = scanOne(ref, bytes, signed, segments)
    if (found !== undefined && (found.scan.count > 0 || segments.length === 1)) {
      if (found.scan.tail.kind === 'torn')
        notices.push(tornNotice(ref, found.scan.tail.bytes, found.scan.count))
      return found
    }
    notices.push(
      `${ref.path} was being begun when the last writer stopped; it holds no entry and is removed.`,
    )
    segments.pop()
    rmSync(ref.path)
    removeIndex(ref.index)
  }
  return undefined
}

/** Scans one segment; undefined when it was only being made. */
function scanOne(
  ref: SegmentRef,
  bytes: Buffer,
  signed: number,
  segments: readonly SegmentRef[],
): Recovered['last'] {
  let last: Buffer | undefined
  let own = true
  let scan: Scan
  try {
    scan = scanSegment(bytes, (_, record) => {
      last = record.entry
      own &&= isOwnEntry(record.entry)
    })
  } catch (error) {
    // A segment that holds a whole append was made completely: then its header is damaged.
    if (!(error instanceof SegmentHeadError) || ref.first < signed || findCommit(bytes, 0) >= 0)
      throw corrupt(ref, String(error))
    return undefined
  }
  if (scan.tail.kind === 'damaged') throw corrupt(ref, scan.tail.reason)
  if (scan.tail.kind === 'torn' && ref.first + scan.count < signed) {
    throw corrupt(ref, 'an append below the signed size is not whole')
  }
  if (last === undefined) return { ref, scan, own, entry: undefined }
  const { id, recordedAt, source } = readEntry(last.toString('latin1'))
  const before = segments.filter(other => other.chunk === ref.chunk && other.first < ref.first)
  return {
    ref,
    scan,
    own: own && before.every(onlyOwn),
    entry: { id, time: recordedAt, source: source[0] },
  }
}

/** Whether an ended segment holds nothing but entries of the log. */
function onlyOwn(ref: SegmentRef): boolean {
  let own = true
  scanSegment(readFileSync(ref.path), (_, record) => {
    own &&= isOwnEntry(record.entry)
  })
  return own
}

/** Removes what a crash left of sealing, thinning and dropping: another file stands for it, or it was never finished. */
async function removeLeftovers(chunks: string): Promise<void> {
  await discardTemporary(chunks)
  for (const { path } of leftSegments(chunks)) await discardFile(path)
  for (const { form, index } of listSegments(chunks)) {
    if (form === 'spine') for (const hidden of hideIndex(index)) await shredNamed(hidden)
  }
}

function tornNotice(ref: SegmentRef, bytes: number, count: number): string {
  return `The last write to ${ref.path} was cut short by a crash: ${bytes} bytes after position ${ref.first + count - 1} are dropped. Nothing in them was acknowledged.`
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
    for (const leaf of leavesOf(ref, base, segments[i + 1]?.first ?? size)) {
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

/** Leaf hashes of a segment from a position on. */
function leavesOf(ref: SegmentRef, from: number, end: number): readonly Digest[] {
  const leaves: Digest[] = []
  if (ref.form === 'seg') {
    scanSegment(readFileSync(ref.path), (index, record) => {
      if (index >= from && index < end) leaves.push(leafOf(record))
    })
    return leaves
  }
  const records = openRecords(ref)
  try {
    records.walk(Math.max(from, ref.first), end, (_, record) => void leaves.push(leafOf(record)))
  } finally {
    records.close()
  }
  return leaves
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
