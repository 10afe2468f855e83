import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseCheckpoint, parseNote, toBase64 } from '@annals/tlog'
import { type Digest, digestBytes } from '../../../log/digest.ts'
import type { SealManifest } from '../../../log/log-store.ts'
import { RecordError, readRecord, type StoredRecord } from '../../../log/record-bytes.ts'
import { AnnalsError } from '../../../model/index.ts'
import { replaceFile, syncDirectory } from '../files.ts'
import { openRecords } from '../read/open-records.ts'
import { inForm, type SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import type { ChunkPlace, ChunkSegment } from './chunk-segments.ts'
import { ChunkTally } from './chunk-tally.ts'
import { hideFile, shredNamed, temporaryName } from './discard.ts'
import { formatManifest, MANIFEST } from './seal-manifest.ts'
import { BLOCK_RECORDS, SealedError } from './sealed-head.ts'
import { type BlockStart, SealedWriter } from './sealed-writer.ts'

/** What a chunk is sealed with. */
export interface SealTask {
  readonly origin: string
  readonly lo: number
  /** Frontier of the tree over the first `lo` entries. */
  readonly frontier: readonly Digest[]
  /** Kept checkpoints over `lo` and `hi` entries, as text. */
  readonly before: string | undefined
  readonly after: string
}

/**
 * Seals a chunk. Nothing is put in place before all of it was written, read back, and found to be what the checkpoints at
 * both ends signed; the manifest comes last. After a crash it goes on with what it finds.
 *
 * @throws AnnalsError ANNALS_CORRUPT when the records are not those that were signed; then everything stays as it was
 */
export async function sealChunk(
  task: SealTask,
  { dir, period, hi, segments }: ChunkPlace,
  shared: SharedState,
): Promise<SealManifest> {
  const tally = new ChunkTally(task.lo, task.frontier)
  if (task.before !== undefined) requireRoot(task.before, task.lo, tally)
  const made: { readonly from: SegmentRef; readonly temporary: string }[] = []
  try {
    for (const segment of segments) {
      if (segment.ref.form === 'seg') {
        const temporary = temporaryName(inForm(segment.ref, 'sealed').path)
        made.push({ from: segment.ref, temporary })
        sealSegment(task, segment, temporary, tally)
      } else tallySealed(segment, tally)
    }
    requireRoot(task.after, hi, tally)
  } catch (error) {
    for (const { temporary } of made) rmSync(temporary, { force: true })
    throw error
  }
  for (const { from, temporary } of made) renameSync(temporary, inForm(from, 'sealed').path)
  syncDirectory(dir)
  await removeWritten(
    made.map(({ from }) => from),
    shared,
  )
  syncDirectory(dir)
  const { origin, lo, frontier, before, after } = task
  const manifest: SealManifest = {
    v: 1,
    origin,
    period,
    lo,
    hi,
    ...tally.result(),
    frontier: frontier.map(hash => toBase64(digestBytes(hash))),
    ...(before === undefined ? {} : { before }),
    after,
  }
  await replaceFile(join(dir, MANIFEST), formatManifest(manifest))
  return manifest
}

/** Writes one segment in blocks, under a temporary name. */
function sealSegment(task: SealTask, { ref, end }: ChunkSegment, temporary: string, tally: ChunkTally): void {
  const writer = new SealedWriter(temporary, { chunk: task.lo, first: ref.first, end })
  const records = openRecords(ref)
  try {
    for (let from = ref.first; from < end; from += BLOCK_RECORDS) {
      const block: StoredRecord[] = []
      let start: BlockStart | undefined
      records.walk(from, Math.min(end, from + BLOCK_RECORDS), (index, record) => {
        // A copy: views last until the next record is read.
        const kept = soundCopy(ref, index, record)
        const key = tally.add(index, kept)
        start ??= key
        block.push(kept)
      })
      writer.add(block, start as BlockStart)
    }
    writer.finish()
  } catch (error) {
    writer.abandon()
    throw error instanceof SealedError ? corrupt(`${ref.path} could not be sealed: ${error.message}`) : error
  } finally {
    records.close()
  }
}

function soundCopy(ref: SegmentRef, index: number, record: StoredRecord): StoredRecord {
  try {
    return readRecord(Buffer.from(record.bytes), 0, 'all')
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    throw corrupt(`${ref.path} is damaged at position ${index}: ${error.message}`)
  }
}

/** A segment that was sealed before a crash. */
function tallySealed({ ref, end }: ChunkSegment, tally: ChunkTally): void {
  const records = openRecords(ref)
  try {
    records.walk(ref.first, end, (index, record) => {
      if (record.thinned !== undefined)
        throw corrupt(`${ref.path} has lost entries, but its chunk was never sealed`)
      tally.add(index, record)
    })
  } finally {
    records.close()
  }
}

/** Takes the old forms away; the index thread goes on with the new ones. */
async function removeWritten(refs: readonly SegmentRef[], shared: SharedState): Promise<void> {
  const hidden: (string | undefined)[] = []
  shared.holdIndexing()
  try {
    for (const ref of refs) hidden.push(hideFile(ref.path))
    shared.filesReplaced()
  } finally {
    shared.releaseIndexing()
  }
  for (const path of hidden) await shredNamed(path)
}

function requireRoot(note: string, size: number, tally: ChunkTally): void {
  const checkpoint = parseCheckpoint(parseNote(Buffer.from(note)).text)
  if (checkpoint.size !== size || toBase64(checkpoint.root) !== tally.root())
    throw corrupt(`its entries are not what the checkpoint over ${size} entries signed`)
}

function corrupt(what: string): AnnalsError {
  return new AnnalsError('ANNALS_CORRUPT', `The chunk was not sealed: ${what}.`, {
    hint: 'Nothing was changed. Run annals verify, and restore the segment from a copy.',
  })
}
