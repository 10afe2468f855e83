import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Digest } from '../../../log/digest.ts'
import type { KeyEncryption } from '../keys/key-encryption.ts'
import { subjectName, vaultPath } from '../keys/vault.ts'
import type { Layout } from '../layout.ts'
import type { Disclosure } from './disclosure.ts'
import { openReadOnly } from './read-only-database.ts'
import { ChunkSeeds, type ClassSeed } from './seed-reader.ts'

/** Subject keys that are remembered: about 20 MB. */
const MOST_KEYS = 100_000

/** The secrets behind commitments, looked up and never made. */
export class PartSecrets {
  readonly #layout: Layout
  readonly #kek: KeyEncryption
  readonly #vault: SubjectReader | undefined
  readonly #keys = new Map<string, Digest | undefined>()
  #classes = new Map<string, ClassSeed | 'destroyed' | undefined>()
  #seeds: ChunkSeeds | undefined
  #chunk = -1

  private constructor(layout: Layout, kek: KeyEncryption) {
    this.#layout = layout
    this.#kek = kek
    this.#vault = orMissing(() => new SubjectReader(layout, kek))
  }

  static open(layout: Layout, kek: KeyEncryption): PartSecrets {
    return new PartSecrets(layout, kek)
  }

  /** What is left of the secrets of a class in a chunk; undefined when its seed is missing or damaged. */
  ofClass(chunk: number, retention: string): ClassSeed | 'destroyed' | undefined {
    if (chunk !== this.#chunk) {
      this.#classes = new Map()
      this.#seeds = orMissing(() => new ChunkSeeds(this.#layout, this.#kek, chunk))
      this.#chunk = chunk
    }
    if (!this.#classes.has(retention))
      this.#classes.set(
        retention,
        orMissing(() => this.#seeds?.ofClass(retention)),
      )
    return this.#classes.get(retention)
  }

  /** A subject key by its id, 16 bytes in latin1. */
  key(id: string): Digest | undefined {
    const known = this.#keys.get(id)
    if (known !== undefined || this.#keys.has(id)) return known
    const key = orMissing(() => this.#vault?.find(id))
    if (this.#keys.size >= MOST_KEYS) this.#keys.clear()
    this.#keys.set(id, key)
    return key
  }

  close(): void {
    this.#vault?.close()
  }
}

/** The subject keys of a directory, by id. */
class SubjectReader {
  readonly #kek: KeyEncryption
  readonly #db: DatabaseSync
  readonly #find: StatementSync

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#kek = kek
    this.#db = openReadOnly(vaultPath(layout))
    try {
      // Keys that were taken from their persons are in a table that a log without any may not have yet.
      const retired =
        this.#db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'retired'").get() !== undefined
      this.#find = this.#db.prepare(
        `SELECT wrapped FROM subject WHERE id = ?1${retired ? ' UNION ALL SELECT wrapped FROM retired WHERE id = ?1' : ''}`,
      )
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  find(id: string): Digest | undefined {
    const bytes = Buffer.from(id, 'latin1')
    const row = this.#find.get(bytes) as { wrapped: Uint8Array } | undefined
    return row === undefined
      ? undefined
      : this.#kek.unwrap(row.wrapped, subjectName(bytes)).toString('latin1')
  }

  close(): void {
    this.#db.close()
  }
}

/** A secret that is damaged can be used no more than one that is not there; a database that is busy is waited for. */
function orMissing<T>(find: () => T | undefined): T | undefined {
  for (let left = BUSY_TRIES; ; left--) {
    try {
      return find()
    } catch (error) {
      if (!/database is locked|busy/i.test(String(error)) || left === 0) return undefined
      Atomics.wait(pause, 0, 0, BUSY_MS)
    }
  }
}

/** The writer's own thread holds the keys' database for moments only: while it is made, and while it is closed. */
const BUSY_TRIES = 250
const BUSY_MS = 20
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Below which position authorities have been carried out on the subject keys; 0 when that cannot be told. */
export function readApplied(layout: Layout, disclosure: Disclosure): number {
  if (disclosure.kind !== 'given') return 0
  const row = orMissing(() => {
    const db = openReadOnly(vaultPath(layout))
    try {
      return db.prepare("SELECT value FROM mark WHERE name = 'applied'").get() as
        | { value: number }
        | undefined
    } finally {
      db.close()
    }
  })
  return row?.value ?? 0
}
