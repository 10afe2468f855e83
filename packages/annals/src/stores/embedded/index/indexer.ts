import { existsSync } from 'node:fs'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import { openRecords } from '../read/open-records.ts'
import { SegmentView } from '../read/segment-view.ts'
import { listSegments, SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import type { Durable } from '../shared-state.ts'
import { indexRow } from './index-row.ts'
import { indexIntact, removeIndex, SegmentIndexWriter, sumPath } from './segment-index.ts'

const ROWS = 4_096

interface Open {
  readonly segment: SegmentRef
  readonly source: Source
  readonly writer: SegmentIndexWriter
}

/** What an index is made from. */
interface Source {
  /** Bytes that hold whole appends. */
  whole: number
  /** As {@link SegmentView.walk}; a sealed segment is addressed by positions, and has no offsets. */
  walk(
    from: number,
    offset: number,
    to: number,
    visit: (index: number, record: StoredRecord, offset: number) => void,
  ): number
  close(): void
}

function openSource(segment: SegmentRef): Source {
  if (segment.form === 'seg') return new SegmentView(segment)
  const records = openRecords(segment)
  return {
    whole: Number.POSITIVE_INFINITY,
    walk(from, _, to, visit) {
      records.walk(from, to, (index, record) => {
        if (record.thinned === undefined) visit(index, record, 0)
      })
      return 0
    },
    close: () => records.close(),
  }
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
      open.source.whole = full ? Number.POSITIVE_INFINITY : whole
      const to = Math.min(end, next + ROWS)
      open.writer.add(to, insert =>
        open.source.walk(next, offset, to, (index, record, at) => insert(indexRow(index, record, at))),
      )
      return true
    }
    if (!full) return false
    if (!open.writer.finish()) return false
    open.source.close()
    this.#open = undefined
    this.#at++
    return true
  }

  close(): void {
    this.#open?.writer.close()
    this.#open?.source.close()
  }

  #openNext(size: number, last: number): Open | undefined {
    for (;;) {
      const segment = this.#segments[this.#at] ?? (size > 0 ? this.#relist(this.#at) : undefined)
      if (segment === undefined) return undefined
      const full = segment.first < last
      if (segment.form === 'spine') {
        this.#at++
        continue
      }
      if (full && existsSync(sumPath(segment.index))) {
        if (indexIntact(segment.index)) {
          this.#at++
          continue
        }
        // A closed index whose sum is wrong was damaged: it is rebuilt from the log.
        removeIndex(segment.index)
      }
      let source: Source
      try {
        source = openSource(segment)
      } catch (error) {
        // It may have been sealed since it was listed.
        if (
          (error as NodeJS.ErrnoException).code !== 'ENOENT' ||
          this.#relist(this.#at).path === segment.path
        )
          throw error
        continue
      }
      const writer = SegmentIndexWriter.open(segment.index, segment.first, SEGMENT_HEADER)
      this.#open = { segment, source, writer }
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
