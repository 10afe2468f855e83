import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { TERM_TABLE } from './fts-expression.ts'

/** Layout of index files; a file of another version is thrown away and rebuilt. */
export const INDEX_VERSION = 2
/** Rows of a block: of each, the byte position of the first record and the span of occurredAt are kept. */
export const PLACE_EVERY = 32

/** How long one connection waits for another, in milliseconds. */
export const BUSY_MS = 5_000

/** One indexed event, as the index keeps it. */
export interface IndexRow {
  readonly index: number
  /** Byte position of the record in its segment. */
  readonly offset: number
  /** Terms, separated by spaces. */
  readonly terms: string
  /** occurredAt, ms since the epoch. */
  readonly time: number
  readonly action: string
  readonly result: string
  readonly phase: string
  /** Idempotency, base64url. */
  readonly key: string | undefined
}

/** A block of rows. */
interface Block {
  readonly block: number
  readonly offset: number
  oldest: number
  newest: number
}

/** How far an index has come. */
export interface IndexState {
  /** First position that is not indexed. */
  readonly next: number
  /** Byte position in the segment where that record will be. */
  readonly offset: number
}

const SCHEMA = `
  ${TERM_TABLE};
  CREATE TABLE place (block INTEGER PRIMARY KEY, offset INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL);
  CREATE TABLE keyed (key TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE rollup (hour INTEGER, action TEXT, result TEXT, phase TEXT, count INTEGER NOT NULL, PRIMARY KEY (hour, action, result, phase)) WITHOUT ROWID;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
`

/** Writes the search index of one segment. Derived: durability is the log's, so nothing here is synced before it is closed. */
export class SegmentIndexWriter {
  readonly #path: string
  readonly #first: number
  readonly #db: DatabaseSync
  readonly #insert: StatementSync
  readonly #place: StatementSync
  readonly #key: StatementSync
  readonly #count: StatementSync
  readonly #meta: StatementSync
  #state: IndexState
  #block: Block | undefined
  #oldest: number
  #newest: number

  private constructor(path: string, first: number, db: DatabaseSync) {
    this.#path = path
    this.#first = first
    this.#db = db
    this.#insert = db.prepare('INSERT INTO term(rowid, t) VALUES (?, ?)')
    this.#place = db.prepare('INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)')
    this.#key = db.prepare('INSERT OR IGNORE INTO keyed VALUES (?, ?)')
    this.#count = db.prepare(
      'INSERT INTO rollup VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
    )
    this.#meta = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
    const meta = readMeta(db)
    this.#state = { next: meta.get('next') as number, offset: meta.get('offset') as number }
    this.#oldest = (meta.get('oldest') as number | null) ?? Number.POSITIVE_INFINITY
    this.#newest = (meta.get('newest') as number | null) ?? Number.NEGATIVE_INFINITY
  }

  /** Goes on with the index of a segment, or begins it anew. */
  static open(path: string, first: number, offset: number): SegmentIndexWriter {
    if (existsSync(path)) {
      const resumed = SegmentIndexWriter.#resume(path, first)
      if (resumed !== undefined) return resumed
    }
    removeIndex(path)
    const db = new DatabaseSync(path, { timeout: BUSY_MS })
    db.exec(
      'PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=2000',
    )
    db.exec(`BEGIN; ${SCHEMA}`)
    db.exec(
      `INSERT INTO meta VALUES ('version', ${INDEX_VERSION}), ('next', ${first}), ('offset', ${offset}), ('oldest', NULL), ('newest', NULL); COMMIT`,
    )
    return new SegmentIndexWriter(path, first, tuned(db))
  }

  static #resume(path: string, first: number): SegmentIndexWriter | undefined {
    const db = openIndex(path)
    if (db === undefined) return undefined
    if ((readMeta(db).get('next') as number) >= first) return new SegmentIndexWriter(path, first, db)
    db.close()
    return undefined
  }

  get state(): IndexState {
    return this.#state
  }

  /**
   * Adds rows in order, in one transaction.
   *
   * @param next first position that is not indexed then
   * @param rows hands each row to `insert`, and returns where the record after them begins
   */
  add(next: number, rows: (insert: (row: IndexRow) => void) => number): void {
    this.#db.exec('BEGIN')
    try {
      const counts = new Map<string, { readonly row: IndexRow; readonly hour: number; count: number }>()
      const offset = rows(row => {
        this.#insertRow(row)
        const hour = Math.floor(row.time / 3_600_000)
        const name = `${hour} ${row.action} ${row.result} ${row.phase}`
        const seen = counts.get(name)
        if (seen === undefined) counts.set(name, { row, hour, count: 1 })
        else seen.count++
      })
      this.#placeBlock()
      for (const { row, hour, count } of counts.values()) {
        this.#count.run(hour, row.action, row.result, row.phase, count)
      }
      this.#meta.run('next', next)
      this.#meta.run('offset', offset)
      if (this.#oldest <= this.#newest) {
        this.#meta.run('oldest', this.#oldest)
        this.#meta.run('newest', this.#newest)
      }
      this.#db.exec('COMMIT')
      this.#state = { next, offset }
    } catch (error) {
      this.#db.exec('ROLLBACK')
      this.#block = undefined
      throw error
    }
  }

  #insertRow(row: IndexRow): void {
    const rowid = row.index - this.#first
    this.#insert.run(rowid, row.terms)
    const block = this.#blockOf(rowid, row)
    if (row.time < block.oldest) block.oldest = row.time
    if (row.time > block.newest) block.newest = row.time
    if (row.key !== undefined) this.#key.run(row.key, rowid)
    if (row.time < this.#oldest) this.#oldest = row.time
    if (row.time > this.#newest) this.#newest = row.time
  }

  /** The block of a row; one that an earlier transaction began is gone on with. */
  #blockOf(rowid: number, row: IndexRow): Block {
    const block = Math.floor(rowid / PLACE_EVERY)
    if (this.#block?.block === block) return this.#block
    this.#placeBlock()
    const begun =
      rowid % PLACE_EVERY === 0
        ? undefined
        : this.#db.prepare('SELECT * FROM place WHERE block = ?').get(block)
    this.#block = (begun as Block | undefined) ?? {
      block,
      offset: row.offset,
      oldest: row.time,
      newest: row.time,
    }
    return this.#block
  }

  #placeBlock(): void {
    const block = this.#block
    if (block !== undefined) this.#place.run(block.block, block.offset, block.oldest, block.newest)
    this.#block = undefined
  }

  /**
   * Ends the index of a full segment: compact, synced, and with its SHA-256 beside it.
   *
   * @returns false when a reader is in the way at this moment; try again
   */
  finish(): boolean {
    if (!this.#closed) {
      this.#db.exec("INSERT INTO term(term) VALUES ('optimize')")
      this.#meta.run('closed', 1)
      // Merging leaves pages behind, two fifths of the file, with what was erased from them.
      this.#db.exec('VACUUM')
      this.#closed = true
    }
    if (!closeIndex(this.#db)) return false
    writeSum(this.#path)
    return true
  }
  #closed = false

  /** Leaves the index as it is, to be gone on with; durable, since a log that was closed says that it can be believed. */
  close(): void {
    if (!this.#db.isOpen) return
    try {
      this.#db.exec('PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE)')
      this.#db.close()
    } catch {
      // Not durable, as on a full disk: it is derived, and made anew at the next opening.
      this.#db.close()
      removeIndex(this.#path)
    }
  }
}

/** Opens an index for writing; undefined when there is none, or none of this version. */
export function openIndex(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS })
    const meta = readMeta(db)
    if (meta.get('version') === INDEX_VERSION && typeof meta.get('next') === 'number') {
      db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=2000')
      return tuned(db)
    }
  } catch {
    // Damaged: it is derived, so it is made anew.
  }
  db?.close()
  return undefined
}

/**
 * Closes an index with everything in its one file, durably.
 *
 * @returns false when a reader is in the way at this moment; it is still open then
 */
export function closeIndex(db: DatabaseSync): boolean {
  db.exec('PRAGMA synchronous=FULL')
  const checkpoint = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
  if (checkpoint.busy !== 0) return false
  db.close()
  return true
}

/** Path of the file that holds the SHA-256 of a closed index. */
export function sumPath(path: string): string {
  return `${path}.sha256`
}

/** Whether a closed index is the file that was closed. */
export function indexIntact(path: string): boolean {
  try {
    return readFileSync(sumPath(path), 'latin1') === sumLine(path)
  } catch {
    return false
  }
}

/** Says beside a closed index what it is. */
export function writeSum(path: string): void {
  writeFileSync(sumPath(path), sumLine(path))
}

/** How the names of the files of an index end: its own, what SQLite keeps beside it, and its sum. */
export const INDEX_FILES: readonly string[] = ['', '-wal', '-shm', '-journal', '.sha256']

/** Removes an index with everything beside it. */
export function removeIndex(path: string): void {
  for (const suffix of INDEX_FILES) rmSync(`${path}${suffix}`, { force: true })
}

/** The meta table as a map. */
export function readMeta(db: DatabaseSync): Map<string, string | number | null> {
  const rows = db.prepare('SELECT name, value FROM meta').all() as {
    name: string
    value: string | number | null
  }[]
  return new Map(rows.map(row => [row.name, row.value]))
}

function tuned(db: DatabaseSync): DatabaseSync {
  db.exec('PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON')
  db.exec("INSERT INTO term(term, rank) VALUES ('automerge', 16), ('secure-delete', 1)")
  return db
}

/** What stands beside a closed index: its digest, and the version that made it. */
function sumLine(path: string): string {
  return `${fileDigest(path)} v${INDEX_VERSION}\n`
}

function fileDigest(path: string): string {
  const hash = createHash('sha256')
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(1024 * 1024)
    for (let read = readSync(fd, bytes); read > 0; read = readSync(fd, bytes))
      hash.update(bytes.subarray(0, read))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}
