import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { contentGone } from '../erase/erasures.ts'
import { syncDirectory } from '../files.ts'
import type { Layout } from '../layout.ts'
import { leafOf } from '../leaf-of.ts'
import { openRecords } from '../read/open-records.ts'
import { inForm, type SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import type { ChunkSegment } from './chunk-segments.ts'
import { hideFile, shredNamed, temporaryName } from './discard.ts'
import { hideIndex } from './hide-index.ts'
import { formatSpineHead } from './spine.ts'

/** Positions whose leaf hashes are written at a time. */
const STEP = 8_192

/** Keeps nothing of the segments of a sealed chunk but leaf hashes, and removes their search indexes. Again, it does nothing. */
export async function keepSpine(
  layout: Layout,
  lo: number,
  segments: readonly ChunkSegment[],
  shared: SharedState,
): Promise<void> {
  for (const segment of segments) {
    if (segment.ref.form === 'spine') continue
    writeSpine(lo, segment)
    const hidden: (string | undefined)[] = []
    shared.holdIndexing()
    try {
      hidden.push(...hideIndex(segment.ref.index), hideFile(segment.ref.path))
      shared.filesReplaced()
    } finally {
      shared.releaseIndexing()
    }
    await contentGone(layout, shared)
    for (const path of hidden) await shredNamed(path)
    syncDirectory(dirname(segment.ref.path))
  }
}

function writeSpine(lo: number, { ref, end }: ChunkSegment): void {
  const { path } = inForm(ref, 'spine')
  const temporary = temporaryName(path)
  const fd = openSync(temporary, 'wx', 0o640)
  try {
    writeAll(fd, formatSpineHead({ chunk: lo, first: ref.first, end }))
    writeLeaves(fd, ref, end)
    fsyncSync(fd)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

function writeLeaves(fd: number, ref: SegmentRef, end: number): void {
  const records = openRecords(ref)
  try {
    for (let from = ref.first; from < end; from += STEP) {
      const to = Math.min(end, from + STEP)
      const leaves = Buffer.allocUnsafe(32 * (to - from))
      records.walk(
        from,
        to,
        (index, record) => void leaves.write(leafOf(record), 32 * (index - from), 'latin1'),
      )
      writeAll(fd, leaves)
    }
  } finally {
    records.close()
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}
