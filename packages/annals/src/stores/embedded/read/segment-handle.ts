import { existsSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { BUSY_MS, INDEX_VERSION, indexIntact, readMeta, sumPath } from '../index/segment-index.ts'
import { SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import { openRecords } from './open-records.ts'
import type { SegmentRecords } from './segment-records.ts'

/** What the index of a segment covers at this moment. */
export interface IndexCover {
  /** Positions below this one are indexed. */
  readonly next: number
  /** Byte position in the segment where that record begins, as long as it is not sealed. */
  readonly offset: number
  /** Earliest and latest occurredAt, ms; undefined when nothing is indexed. */
  readonly occurred: readonly [number, number] | undefined
}

const NOTHING = Symbol('no index')

/** A segment with its search index, opened when first needed. Without a usable index it still reads, by walking. */
export class SegmentHandle {
  readonly segment: SegmentRef
  readonly records: SegmentRecords
  readonly #trusts: () => boolean
  #db: DatabaseSync | typeof NOTHING | undefined
  /** File system's number of the index that is open. */
  #inode: bigint | undefined
  #place: StatementSync | undefined
  readonly #matches = new Map<string, StatementSync>()

  /** @param trusts whether an index that is still open can be believed now */
  constructor(segment: SegmentRef, trusts: () => boolean) {
    this.segment = segment
    this.#trusts = trusts
    this.records = openRecords(segment, {
      of: block => this.#placeOf(block),
      last: () => this.#lastPlace(),
    })
  }

  close(): void {
    this.records.close()
    this.#closeIndex()
  }

  /** Whether the segment or its index has been replaced or removed since it was opened. */
  get replaced(): boolean {
    return this.records.removed || (this.#inode !== undefined && this.#inode !== inodeOf(this.segment.index))
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

  #placeOf(block: number): number | undefined {
    this.#place ??= this.index()?.prepare('SELECT offset FROM place WHERE block = ?')
    return (this.#place?.get(block) as { offset: number } | undefined)?.offset
  }

  #lastPlace(): { readonly block: number; readonly offset: number } | undefined {
    return this.index()?.prepare('SELECT block, offset FROM place ORDER BY block DESC LIMIT 1').get() as
      | { block: number; offset: number }
      | undefined
  }

  #openIndex(): DatabaseSync | undefined {
    const path = this.segment.index
    if (!existsSync(path)) return undefined
    this.#inode = inodeOf(path)
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
    this.#inode = undefined
    this.#matches.clear()
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}
