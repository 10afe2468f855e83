import { dirname } from 'node:path'
import { digestBytes } from '../../../log/digest.ts'
import { readEntry } from '../../../log/entry.ts'
import type { Range } from '../../../log/log-store.ts'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import { contentGone } from '../erase/erasures.ts'
import { syncDirectory } from '../files.ts'
import type { Layout } from '../layout.ts'
import { leafOf } from '../leaf-of.ts'
import { openRecords } from '../read/open-records.ts'
import type { SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import type { ChunkSegment } from './chunk-segments.ts'
import { shredNamed } from './discard.ts'
import type { SealedRecord } from './encode-block.ts'
import { hideIndex } from './hide-index.ts'
import { prepareRewrite } from './rewrite-sealed.ts'
import { keepSpine } from './spine-chunk.ts'

/**
 * Thins the entries of a sealed chunk in these ranges to their leaf hashes. The search indexes of changed segments are
 * removed and made again from what is left; meanwhile searches walk the records. A chunk of which nothing is left is dropped.
 * Again, it does nothing.
 */
export async function thinChunk(
  layout: Layout,
  lo: number,
  segments: readonly ChunkSegment[],
  ranges: readonly Range[],
  shared: SharedState,
): Promise<void> {
  const touched = segments.filter(({ ref, end }) => ranges.some(([from, to]) => from < end && to > ref.first))
  await thinRecords(layout, touched, within(ranges), shared)
  await spineIfEmpty(layout, lo, segments, shared)
}

/** Whether a record is meant to be thinned. Asked by ascending position. */
export type Meant = (index: number, record: StoredRecord) => boolean

/** Thins records of sealed segments to their leaf hashes. */
export async function thinRecords(
  layout: Layout,
  segments: readonly ChunkSegment[],
  meant: Meant,
  shared: SharedState,
): Promise<void> {
  for (const { ref } of segments) if (ref.form === 'sealed') await thinSegment(layout, ref, meant, shared)
}

/** Keeps only the leaf hashes of a chunk of which every entry was thinned. */
export async function spineIfEmpty(
  layout: Layout,
  lo: number,
  segments: readonly ChunkSegment[],
  shared: SharedState,
): Promise<void> {
  const sealed = segments.filter(({ ref }) => ref.form === 'sealed')
  if (sealed.every(nothingLeft)) await keepSpine(layout, lo, segments, shared)
}

async function thinSegment(
  layout: Layout,
  ref: SegmentRef,
  meant: Meant,
  shared: SharedState,
): Promise<void> {
  const prepared = await prepareRewrite(ref.path, (index, record) =>
    meant(index, record) ? thinned(record) : record,
  )
  if (prepared === undefined) return
  const hidden: (string | undefined)[] = []
  shared.holdIndexing()
  try {
    // Durable before the segment changes: an index of entries that are gone would be believed.
    hidden.push(...hideIndex(ref.index))
    syncDirectory(dirname(ref.path))
    await prepared.swap()
    shared.filesReplaced()
  } catch (error) {
    await prepared.discard()
    throw error
  } finally {
    shared.releaseIndexing()
  }
  await contentGone(layout, shared)
  for (const path of hidden) await shredNamed(path)
}

function thinned(record: StoredRecord): SealedRecord {
  if (record.thinned !== undefined) return record
  const { retention } = readEntry(record.entry.toString('latin1'))
  return { entry: Buffer.alloc(0), parts: [], thinned: { leaf: digestBytes(leafOf(record)), retention } }
}

/** Whether ascending positions lie in any of the ranges. */
function within(ranges: readonly Range[]): Meant {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  let at = 0
  let end = 0
  return index => {
    for (let next = sorted[at]; next !== undefined && next[0] <= index; next = sorted[++at])
      end = Math.max(end, next[1])
    return index < end
  }
}

function nothingLeft({ ref, end }: ChunkSegment): boolean {
  const records = openRecords(ref)
  try {
    for (let index = ref.first; index < end; index++)
      if (records.record(index).thinned === undefined) return false
    return true
  } finally {
    records.close()
  }
}
