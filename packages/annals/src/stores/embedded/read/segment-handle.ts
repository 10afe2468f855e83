import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import {
  BUSY_MS,
  INDEX_VERSION,
  indexIntact,
  PLACE_EVERY,
  readMeta,
  sumPath,
} from '../index/segment-index.ts'
import { SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import { SegmentView } from './segment-view.ts'

/** What the index of a segment covers at this moment. */
export interface IndexCover {
  /** Positions below this one are indexed. */
  readonly next: number
  /** Byte position in the segment where that record begins. */
  readonly offset: number
  /** Earliest and latest occurredAt, ms; undefined when nothing is indexed. */
  readonly occurred: readonly [number, number] | undefined
}

const NOTHING = Symbol('no index')

/** A segment with its search index, opened when first needed. Without a usable index it still reads, by walking. */
export class SegmentHandle {
  readonly segment: SegmentRef
  readonly view: SegmentView
  readonly #trusts: () => boolean
  /** Byte positions of every 32nd record beyond the index. */
  readonly #marks: number[] = []
  #marksFrom = 0
  /** Byte positions of the records of the block that was read last. */
  #block: { readonly block: number; readonly offsets: number[] } = { block: -1, offsets: [] }
  #db: DatabaseSync | typeof NOTHING | undefined
  #place: StatementSync | undefined
  readonly #matches = new Map<string, StatementSync>()

  /** @param trusts whether an index that is still open can be believed now */
  constructor(segment: SegmentRef, trusts: () => boolean) {
    this.segment = segment
    this.#trusts = trusts
    this.view = new SegmentView(segment)
  }

  close(): void {
    this.view.close()
    this.#closeIndex()
  }

  /** The index database, if there is a usable one. */
  index(): DatabaseSync | undefined {
    if (this.#db === undefined) this.#db = this.#openIndex() ?? NOTHING
    return this.#db === NOTHING ? undefined : this.#db
  }

  /** What the index covers. Call within a read transaction to search exactly that. */
  cover(): IndexCover {
    const db = this.index()
    if (db === undefined) return { next: this.segment.first, offset: SEGMENT_HEADER, occurred: undefined }
    const meta = readMeta(db)
    const oldest = meta.get('oldest') as number | null
    return {
      next: meta.get('next') as number,
      offset: meta.get('offset') as number,
      occurred: oldest === null ? undefined : [oldest, meta.get('newest') as number],
    }
  }

  /** Runs reads of the index that must see one state of it: the writer may be adding rows. */
  together<R>(reads: () => R): R {
    const db = this.index()
    db?.exec('BEGIN')
    try {
      return reads()
    } finally {
      db?.exec('COMMIT')
    }
  }

  /** Forgets that there was no index, or one that has been replaced since. */
  reconsider(): void {
    if (this.#db === NOTHING) this.#db = undefined
  }

  /** Prepared once per text. */
  statement(sql: string): StatementSync | undefined {
    let statement = this.#matches.get(sql)
    if (statement === undefined) {
      statement = this.index()?.prepare(sql)
      if (statement !== undefined) this.#matches.set(sql, statement)
    }
    return statement
  }

  /** The record at a position, and where it begins. */
  record(index: number): { readonly record: StoredRecord; readonly offset: number } {
    const row = index - this.segment.first
    const block = Math.floor(row / PLACE_EVERY)
    if (block !== this.#block.block) this.#block = { block, offsets: [this.#blockOffset(block)] }
    const { offsets } = this.#block
    const at = row % PLACE_EVERY
    while (offsets.length <= at) offsets.push(this.view.next(offsets[offsets.length - 1] as number))
    return this.view.record(offsets[at] as number)
  }

  /** Byte position of a record, for walking on from it. */
  offsetOf(index: number): number {
    return index === this.segment.first ? SEGMENT_HEADER : this.record(index).offset
  }

  #blockOffset(block: number): number {
    this.#place ??= this.index()?.prepare('SELECT offset FROM place WHERE block = ?')
    const place = this.#place?.get(block) as { offset: number } | undefined
    return place?.offset ?? this.#markOf(block)
  }

  /** Finds the first record of a block beyond the index by walking from the last known place. */
  #markOf(block: number): number {
    if (this.#marks.length === 0) {
      const place = this.index()
        ?.prepare('SELECT block, offset FROM place ORDER BY block DESC LIMIT 1')
        .get() as { block: number; offset: number } | undefined
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

  #openIndex(): DatabaseSync | undefined {
    const path = this.segment.index
    if (!existsSync(path)) return undefined
    const closed = existsSync(sumPath(path))
    if (closed ? !indexIntact(path) : !this.#trusts()) return undefined
    let db: DatabaseSync | undefined
    try {
      // A closed index never changes: no locks, and no write permission for SQLite's shared memory.
      db = new DatabaseSync(closed ? new URL(`${pathToFileURL(path).href}?immutable=1`) : path, {
        readOnly: true,
        timeout: BUSY_MS,
      })
      db.exec('PRAGMA cache_size=-2048')
      const meta = readMeta(db)
      if (meta.get('version') === INDEX_VERSION && typeof meta.get('next') === 'number') return db
    } catch {
      // Damaged, or being made at this moment: the records are walked instead.
    }
    db?.close()
    return undefined
  }

  #closeIndex(): void {
    if (this.#db !== undefined && this.#db !== NOTHING) this.#db.close()
    this.#db = undefined
    this.#place = undefined
    this.#matches.clear()
  }
}
