import type { StoredRecord } from '../../../log/record-bytes.ts'
import { PLACE_EVERY } from '../index/segment-index.ts'
import { SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import { entryKey } from './entry-key.ts'
import { type EntryKey, firstMet, type SegmentRecords } from './segment-records.ts'
import { SegmentView } from './segment-view.ts'

/** Where the search index of a segment says that blocks of records begin. */
export interface Places {
  /** Byte position of the first record of a block. */
  of(block: number): number | undefined
  /** The last block it knows. */
  last(): { readonly block: number; readonly offset: number } | undefined
}

/** Records of a segment that is not sealed: found from the places of its index, and by walking where there are none. */
export class WrittenRecords implements SegmentRecords {
  readonly end: number = Number.POSITIVE_INFINITY
  readonly view: SegmentView
  readonly #places: Places
  /** Byte positions of every 32nd record beyond the index. */
  readonly #marks: number[] = []
  #marksFrom = 0
  /** Byte positions of the records of the block that was read last. */
  #block: { readonly block: number; readonly offsets: number[] } = { block: -1, offsets: [] }

  constructor(segment: SegmentRef, places: Places) {
    this.view = new SegmentView(segment)
    this.#places = places
  }

  get removed(): boolean {
    return this.view.removed
  }

  record(index: number): StoredRecord {
    return this.#at(index).record
  }

  walk(from: number, to: number, visit: (index: number, record: StoredRecord) => void): void {
    if (from >= to) return
    const { first } = this.view.segment
    this.view.walk(from, from === first ? SEGMENT_HEADER : this.#at(from).offset, to, visit)
  }

  firstKey(): EntryKey {
    return this.#key(this.view.segment.first)
  }

  seek(end: number, met: (key: EntryKey) => boolean): number {
    return firstMet(this.view.segment.first, end, index => met(this.#key(index)))
  }

  close(): void {
    this.view.close()
  }

  #key(index: number): EntryKey {
    return entryKey(this.record(index)) as EntryKey
  }

  /** The record at a position, and where it begins. */
  #at(index: number): { readonly record: StoredRecord; readonly offset: number } {
    const row = index - this.view.segment.first
    const block = Math.floor(row / PLACE_EVERY)
    if (block !== this.#block.block) this.#block = { block, offsets: [this.#blockOffset(block)] }
    const { offsets } = this.#block
    const at = row % PLACE_EVERY
    while (offsets.length <= at) offsets.push(this.view.next(offsets[offsets.length - 1] as number))
    return this.view.record(offsets[at] as number)
  }

  #blockOffset(block: number): number {
    return this.#places.of(block) ?? this.#markOf(block)
  }

  /** Finds the first record of a block beyond the index by walking from the last known place. */
  #markOf(block: number): number {
    if (this.#marks.length === 0) {
      const place = this.#places.last()
      this.#marksFrom = place?.block ?? 0
      this.#marks.push(place?.offset ?? SEGMENT_HEADER)
    }
    while (this.#marks.length <= block - this.#marksFrom) {
      let at = this.#marks[this.#marks.length - 1] as number
      for (let i = 0; i < PLACE_EVERY; i++) at = this.view.next(at)
      this.#marks.push(at)
    }
    return this.#marks[block - this.#marksFrom] as number
  }
}
