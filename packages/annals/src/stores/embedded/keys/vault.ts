import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Layout } from '../layout.ts'
import type { KeyEncryption } from './key-encryption.ts'

/** Keys made ahead, so that a new person costs no fsync of its own. */
export const POOL = 1_024

/** A subject key as it is kept: its id, and the key wrapped. */
export interface WrappedKey {
  readonly id: Uint8Array
  readonly wrapped: Uint8Array
}

/** A person's tag and the key that is theirs. */
export interface Binding {
  readonly tag: Uint8Array
  readonly id: Uint8Array
}

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
  readonly #db: DatabaseSync
  readonly #kek: KeyEncryption
  readonly #find: StatementSync
  readonly #bind: StatementSync
  /** Keys handed out and not bound yet. */
  readonly #taken = new Set<string>()

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#kek = kek
    this.#db = new DatabaseSync(vaultPath(layout), { timeout: 5_000 })
    try {
      this.#db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON')
      this.#db.exec(`
        CREATE TABLE IF NOT EXISTS subject (id BLOB PRIMARY KEY, wrapped BLOB NOT NULL, tag BLOB UNIQUE) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS free ON subject (id) WHERE tag IS NULL;
        CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT OR IGNORE INTO mark VALUES ('bound', 0)`)
      this.#find = this.#db.prepare('SELECT id, wrapped FROM subject WHERE tag = ?')
      this.#bind = this.#db.prepare('UPDATE OR IGNORE subject SET tag = ? WHERE id = ? AND tag IS NULL')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** All entries below this position have their keys bound. */
  boundTo(): number {
    return (this.#db.prepare("SELECT value FROM mark WHERE name = 'bound'").get() as { value: number }).value
  }

  find(tags: readonly Uint8Array[]): (WrappedKey | undefined)[] {
    return tags.map(tag => this.#find.get(tag) as WrappedKey | undefined)
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
      this.#db.exec('BEGIN')
      for (let i = 0; i < missing; i++) {
        const id = randomBytes(16)
        const key = { id, wrapped: this.#kek.wrap(randomBytes(32), subjectName(id)) }
        insert.run(key.id, key.wrapped)
        free.push(key)
      }
      this.#db.exec('COMMIT')
    }
    for (const key of free) this.#taken.add(nameOf(key.id))
    return free
  }

  /** Writes down whose keys these are. Entries below `bound` use no key that is not bound with this call. */
  bind(bindings: readonly Binding[], bound: number): void {
    this.#db.exec('BEGIN')
    for (const { tag, id } of bindings) {
      this.#bind.run(tag, id)
      this.#taken.delete(nameOf(id))
    }
    this.#db.prepare("UPDATE mark SET value = max(value, ?) WHERE name = 'bound'").run(bound)
    this.#db.exec('COMMIT')
  }

  close(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#db.close()
  }
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1')
}
