import { dirname } from 'node:path'
import { AnnalsError } from '../../../model/index.ts'
import type { Layout } from '../layout.ts'
import { listSegments, type SegmentRef } from '../segment-file.ts'

/** A segment of a chunk, with the position after its last. */
export interface ChunkSegment {
  readonly ref: SegmentRef
  readonly end: number
}

/** Where a chunk lies that has ended. */
export interface ChunkPlace {
  readonly dir: string
  /** Name of its period. */
  readonly period: string
  /** Position after its last entry. */
  readonly hi: number
  /** All of it, by position. */
  readonly segments: readonly ChunkSegment[]
}

/** The period that a chunk's directory is named for: should two chunks share it, the later one's name has its position behind it. */
export function periodOf(directory: string): string {
  return directory.replace(/\.\d+$/, '')
}

/**
 * Finds a chunk that has ended: another follows it.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when none begins at the position, ANNALS_INVALID when it has not ended
 */
export function placeOfChunk(layout: Layout, lo: number): ChunkPlace {
  const refs = listSegments(layout.chunks)
  const first = refs.findIndex(ref => ref.first === lo)
  const directory = refs[first]?.chunk
  if (directory === undefined || refs[first - 1]?.chunk === directory)
    throw new AnnalsError('ANNALS_NOT_FOUND', `No chunk begins at position ${lo}.`, {
      hint: 'A chunk is named by the position of its first entry.',
    })
  const segments: ChunkSegment[] = []
  for (let i = first; refs[i]?.chunk === directory; i++) {
    const end = refs[i + 1]?.first
    if (end === undefined)
      throw new AnnalsError('ANNALS_INVALID', `The chunk that begins at position ${lo} has not ended.`, {
        hint: 'It ends with its period, when the next event is recorded.',
      })
    segments.push({ ref: refs[i] as SegmentRef, end })
  }
  const { ref, end } = segments.at(-1) as ChunkSegment
  return { dir: dirname(ref.path), period: periodOf(directory), hi: end, segments }
}
