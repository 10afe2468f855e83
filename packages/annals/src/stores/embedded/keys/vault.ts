import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Layout } from '../layout.ts'
import type { KeyEncryption } from './key-encryption.ts'
import { removeAllTraces, removeTraces } from './vault-traces.ts'

/** Keys made ahead, so that a new person costs no fsync of its own. */
export const POOL = 1_024
/** Keys that are wrapped anew in one transaction. */
const REWRAPPED = 1_000

/** A subject key as it is kept: its id, and the key wrapped. */
export interface WrappedKey {
  readonly id: Uint8Array
  readonly wrapped: Uint8Array
}

/** A subject key with the tag of its person. */
export interface TaggedKey extends WrappedKey {
  readonly tag: Uint8Array
}

/** A person's tag and the key that is theirs. */
export interface Binding {
  readonly tag: Uint8Array
  readonly id: Uint8Array
}

/** What is remembered beside the keys: positions below which all keys are bound, and all authorities carried out. */
export type Mark = 'bound' | 'applied'

/** A mark that is 1 from a deletion until no trace of what was deleted is left. */
const TRACES = 'traces'

/** Path of the subject keys. */
export function vaultPath(layout: Layout): string {
  return join(layout.keys, 'subjects.db')
}

/** Name that a subject key is wrapped under. */
export function subjectName(id: Uint8Array): string {
  return `annals-subject/v1\0${Buffer.from(id).toString('latin1')}`
}

/**
 * The subject keys of a log. A key is durable before anyone learns of it; whose it is may be written a moment later, since
 * the records themselves name key and person tag beside each part and `bind` is repeated from them after a crash.
 */
export class Vault {
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #kek: KeyEncryption
  readonly #find: StatementSync
  readonly #bind: StatementSync
  readonly #bindRetired: StatementSync
  readonly #free: StatementSync
  /** Keys handed out and not bound yet. */
  readonly #taken = new Set<string>()

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#kek = kek
    this.#path = vaultPath(layout)
    this.#db = new DatabaseSync(this.#path, { timeout: 5_000 })
    try {
      this.#db.exec(
        'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY',
      )
      this.#db.exec(`
        CREATE TABLE IF NOT EXISTS subject (id BLOB PRIMARY KEY, wrapped BLOB NOT NULL, tag BLOB UNIQUE) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS free ON subject (id) WHERE tag IS NULL;
        CREATE TABLE IF NOT EXISTS retired (id BLOB PRIMARY KEY, wrapped BLOB NOT NULL, tag BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT OR IGNORE INTO mark VALUES ('bound', 0), ('applied', 0), ('${TRACES}', 0)`)
      this.#find = this.#db.prepare('SELECT id, wrapped FROM subject WHERE tag = ?')
      this.#bind = this.#db.prepare('UPDATE OR IGNORE subject SET tag = ? WHERE id = ? AND tag IS NULL')
      this.#bindRetired = this.#db.prepare(
        'INSERT OR IGNORE INTO retired SELECT id, wrapped, ? FROM subject WHERE id = ? AND tag IS NULL',
      )
      this.#free = this.#db.prepare('DELETE FROM subject WHERE id = ? AND tag IS NULL')
      this.#finishDestroying()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  mark(name: Mark): number {
    return (this.#db.prepare('SELECT value FROM mark WHERE name = ?').get(name) as { value: number }).value
  }

  setMark(name: Mark, value: number): void {
    this.#db.prepare('UPDATE mark SET value = max(value, ?) WHERE name = ?').run(value, name)
  }

  find(tags: readonly Uint8Array[]): (WrappedKey | undefined)[] {
    return tags.map(tag => this.#find.get(tag) as WrappedKey | undefined)
  }

  /** Keys that are or were someone's, of those that still exist. */
  byId(ids: readonly Uint8Array[]): TaggedKey[] {
    const find = this.#db.prepare(`
      SELECT id, wrapped, tag FROM subject WHERE id = ?1 AND tag IS NOT NULL
      UNION ALL SELECT id, wrapped, tag FROM retired WHERE id = ?1`)
    return ids.flatMap(id => (find.get(id) as TaggedKey | undefined) ?? [])
  }

  /** Ids of the keys that are or were a person's. */
  idsOf(tag: Uint8Array): Uint8Array[] {
    const find = this.#db.prepare(
      'SELECT id FROM subject WHERE tag = ?1 UNION ALL SELECT id FROM retired WHERE tag = ?1',
    )
    return (find.all(tag) as unknown as { readonly id: Uint8Array }[]).map(({ id }) => id)
  }

  /** Free keys, made where there are too few; they are not handed out again in this opening. */
  take(count: number): WrappedKey[] {
    const free: WrappedKey[] = []
    for (const row of this.#db.prepare('SELECT id, wrapped FROM subject WHERE tag IS NULL').iterate()) {
      if (free.length === count) break
      if (!this.#taken.has(nameOf((row as unknown as WrappedKey).id))) free.push(row as unknown as WrappedKey)
    }
    const missing = count - free.length
    if (missing > 0) {
      const insert = this.#db.prepare('INSERT INTO subject (id, wrapped) VALUES (?, ?)')
      this.#whole(() => {
        for (let i = 0; i < missing; i++) {
          const id = randomBytes(16)
          const key = { id, wrapped: this.#kek.wrap(randomBytes(32), subjectName(id)) }
          insert.run(key.id, key.wrapped)
          free.push(key)
        }
      })
    }
    for (const key of free) this.#taken.add(nameOf(key.id))
    return free
  }

  /** Writes down whose keys these are. Entries below `bound` use no key that is not bound with this call. */
  bind(bindings: readonly Binding[], bound: number): void {
    this.#whole(() => {
      for (const { tag, id } of bindings) {
        this.#taken.delete(nameOf(id))
        if (this.#bind.run(tag, id).changes !== 0) continue
        // The person has another key: that happens to a copy of this file from before the other one was retired. A key that
        // entries use must never become someone else's.
        this.#bindRetired.run(tag, id)
        this.#free.run(id)
      }
      this.setMark('bound', bound)
    })
  }

  /** Takes the keys of these persons from them. */
  retire(tags: readonly Uint8Array[]): void {
    const keep = this.#db.prepare(
      'INSERT OR IGNORE INTO retired SELECT id, wrapped, tag FROM subject WHERE tag = ?',
    )
    const remove = this.#db.prepare('DELETE FROM subject WHERE tag = ?')
    this.#whole(() => {
      for (const tag of tags) {
        keep.run(tag)
        remove.run(tag)
      }
    })
  }

  /** Destroys keys. When it returns no byte of them is in the database or its log, also when a crash cut an earlier call short. */
  destroy(ids: readonly Uint8Array[]): void {
    this.#finishDestroying()
    const doomed = this.byId(ids)
    let deleted = 0
    this.#whole(() => {
      for (const table of ['subject', 'retired']) {
        const remove = this.#db.prepare(`DELETE FROM ${table} WHERE id = ?`)
        for (const id of ids) deleted += Number(remove.run(id).changes)
      }
      if (deleted > 0) this.#setTraces(1)
    })
    if (deleted === 0) return
    const theirs = this.#db.prepare(
      'SELECT 1 FROM subject WHERE tag = ?1 UNION ALL SELECT 1 FROM retired WHERE tag = ?1',
    )
    const tags = doomed.map(({ tag }) => tag).filter(tag => theirs.get(tag) === undefined)
    removeTraces(this.#db, this.#path, [...ids, ...doomed.map(({ wrapped }) => wrapped), ...tags])
    this.#setTraces(0)
  }

  /** Wraps every key with the key that wraps now; `progress` is told how many of all are done. */
  rewrap(progress: (done: number, total: number) => void): void {
    const { total } = this.#db
      .prepare('SELECT (SELECT count(*) FROM subject) + (SELECT count(*) FROM retired) AS total')
      .get() as { total: number }
    let done = 0
    for (const table of ['subject', 'retired']) {
      const select = this.#db.prepare(
        `SELECT id, wrapped FROM ${table} WHERE id > ? ORDER BY id LIMIT ${REWRAPPED}`,
      )
      const update = this.#db.prepare(`UPDATE ${table} SET wrapped = ? WHERE id = ?`)
      let last: Uint8Array = new Uint8Array(0)
      for (;;) {
        const rows = select.all(last) as unknown as WrappedKey[]
        if (rows.length === 0) break
        this.#whole(() => {
          for (const { id, wrapped } of rows) {
            const name = subjectName(id)
            if (!this.#kek.wraps(wrapped, name))
              update.run(this.#kek.wrap(this.#kek.unwrap(wrapped, name), name), id)
          }
        })
        last = rows[rows.length - 1]?.id as Uint8Array
        done += rows.length
        progress(done, total)
      }
    }
    removeAllTraces(this.#db, this.#path)
  }

  close(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#db.close()
  }

  /** A deletion that a crash cut short left nobody who knows what to look for. */
  #finishDestroying(): void {
    const { value } = this.#db.prepare('SELECT value FROM mark WHERE name = ?').get(TRACES) as {
      value: number
    }
    if (value === 0) return
    removeAllTraces(this.#db, this.#path)
    this.#setTraces(0)
  }

  #setTraces(value: 0 | 1): void {
    this.#db.prepare('UPDATE mark SET value = ? WHERE name = ?').run(value, TRACES)
  }

  /** All of it, or nothing. */
  #whole(change: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      change()
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1')
}
