import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs'
import { eraseRecordParts } from '../../../log/erase-record.ts'
import { RecordError, readRecord, type StoredRecord } from '../../../log/record-bytes.ts'
import { AnnalsError } from '../../../model/index.ts'
import type { SegmentRef } from '../segment-file.ts'
import { type RecordStep, recordSteps, StepError } from './record-steps.ts'

/** Names of the parts to be erased, by position. */
export type Wanted = ReadonlyMap<number, ReadonlySet<string>>

/**
 * Overwrites parts where they lie in a segment that is not sealed; durable when it returns. Whoever writes the segment at its
 * end goes on meanwhile.
 *
 * @param onWiped told of every record that has lost content now, as it was and as it is
 * @throws AnnalsError ANNALS_CORRUPT where the segment cannot be stepped through; a damaged part is erased like any other
 */
export function wipeSegment(
  ref: SegmentRef,
  wanted: Wanted,
  onWiped: (index: number, before: StoredRecord, after: StoredRecord) => void,
): void {
  eachRecord(ref, wanted, (fd, step, names) => {
    const bytes = read(fd, step)
    const before = readRecord(Buffer.from(bytes), 0)
    const { erased, header } = eraseRecordParts(bytes, 0, names)
    if (erased.length === 0) return
    write(fd, step, bytes, header)
    onWiped(step.index, before, readRecord(bytes, 0))
  })
}

/** Overwrites parts that a crash may have left half overwritten: their CRCs say nothing. */
export function finishSegment(ref: SegmentRef, wanted: Wanted): void {
  eachRecord(ref, wanted, (fd, step, names) => {
    const bytes = read(fd, step)
    const { header } = eraseRecordParts(bytes, 0, names)
    write(fd, step, bytes, header)
  })
}

function eachRecord(
  ref: SegmentRef,
  wanted: Wanted,
  visit: (fd: number, step: RecordStep, names: ReadonlySet<string>) => void,
): void {
  const fd = openSync(ref.path, 'r+')
  try {
    for (const step of recordSteps(fd, ref.first, Math.max(...wanted.keys()) + 1)) {
      const names = wanted.get(step.index)
      if (names !== undefined) visit(fd, step, names)
    }
    fdatasyncSync(fd)
  } catch (cause) {
    if (!(cause instanceof StepError || cause instanceof RecordError)) throw cause
    throw new AnnalsError('ANNALS_CORRUPT', `${ref.path} is damaged: ${cause.message}.`, {
      cause,
      hint: 'Run annals verify, and restore the segment from a copy.',
    })
  } finally {
    closeSync(fd)
  }
}

/** The header first: a reader in between finds the parts flagged, or still whole. */
function write(fd: number, { offset }: RecordStep, bytes: Buffer, header: number): void {
  for (let at = 0; at < header; ) at += writeSync(fd, bytes, at, header - at, offset + at)
  for (let at = header; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at)
}

function read(fd: number, { offset, length }: RecordStep): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  if (readSync(fd, bytes, 0, length, offset) !== length) throw new StepError(`cut short at byte ${offset}`)
  return bytes
}
