import { existsSync } from 'node:fs'
import { SegmentView } from '../read/segment-view.ts'
import { listSegments, SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import type { Durable } from '../shared-state.ts'
import { indexRow } from './index-row.ts'
import { indexIntact, removeIndex, SegmentIndexWriter, sumPath } from './segment-index.ts'

const ROWS = 4_096

interface Open {
  readonly segment: SegmentRef
  readonly view: SegmentView
  readonly writer: SegmentIndexWriter
}

/** Brings the search indexes of a log up to its segments: one code path for live following, resuming and rebuilding. */
export class Indexer {
  readonly #chunks: string
  #segments: SegmentRef[] = []
  #at = 0
  #open: Open | undefined

  constructor(chunks: string) {
    this.#chunks = chunks
  }

  /** First position that is not indexed. */
  get next(): number {
    return this.#open?.writer.state.next ?? this.#segments[this.#at]?.first ?? 0
  }

  /**
   * Indexes some thousand entries, or ends the index of a full segment.
   *
   * @returns whether there may be more to do
   */
  step({ size, segment: last, offset: whole }: Durable): boolean {
    const open = this.#open ?? this.#openNext(size, last)
    if (open === undefined) return false
    const { next, offset } = open.writer.state
    const full = open.segment.first < last
    const end = full ? (this.#segments[this.#at + 1] ?? this.#relist(this.#at + 1)).first : size
    if (next < end) {
      open.view.whole = full ? Number.POSITIVE_INFINITY : whole
      const to = Math.min(end, next + ROWS)
      open.writer.add(insert =>
        open.view.walk(next, offset, to, (index, record, at) => insert(indexRow(index, record, at))),
      )
      return true
    }
    if (!full) return false
    if (!open.writer.finish()) return false
    open.view.close()
    this.#open = undefined
    this.#at++
    return true
  }

  close(): void {
    this.#open?.writer.close()
    this.#open?.view.close()
  }

  #openNext(size: number, last: number): Open | undefined {
    for (;;) {
      const segment = this.#segments[this.#at] ?? (size > 0 ? this.#relist(this.#at) : undefined)
      if (segment === undefined) return undefined
      const full = segment.first < last
      if (full && existsSync(sumPath(segment.index))) {
        if (indexIntact(segment.index)) {
          this.#at++
          continue
        }
        // A closed index whose sum is wrong was damaged: it is rebuilt from the log.
        removeIndex(segment.index)
      }
      const view = new SegmentView(segment)
      const writer = SegmentIndexWriter.open(segment.index, segment.first, SEGMENT_HEADER)
      this.#open = { segment, view, writer }
      return this.#open
    }
  }

  #relist(at: number): SegmentRef {
    this.#segments = listSegments(this.#chunks)
    const found = this.#segments[at]
    if (found === undefined) throw new Error(`segment ${at} is missing below ${this.#chunks}`)
    return found
  }
}

/** Throws away the indexes that no sum vouches for. */
export function removeOpenIndexes(chunks: string): void {
  for (const { index } of listSegments(chunks)) if (!existsSync(sumPath(index))) removeIndex(index)
}
