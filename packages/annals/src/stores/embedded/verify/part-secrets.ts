import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Digest } from '../../../log/digest.ts'
import { GgmWalk } from '../../../log/ggm.ts'
import type { KeyEncryption } from '../keys/key-encryption.ts'
import { SeedFiles } from '../keys/seed-files.ts'
import { subjectName, vaultPath } from '../keys/vault.ts'
import type { Layout } from '../layout.ts'
import { openReadOnly } from './read-only-database.ts'

/** Subject keys that are remembered: about 20 MB. */
const MOST_KEYS = 100_000

/** The secrets behind commitments, looked up and never made. */
export class PartSecrets {
  readonly #seeds: SeedFiles
  readonly #vault: SubjectReader | undefined
  readonly #keys = new Map<string, Digest | undefined>()
  #walks = new Map<string, GgmWalk | undefined>()
  #chunk = -1

  private constructor(seeds: SeedFiles, vault: SubjectReader | undefined) {
    this.#seeds = seeds
    this.#vault = vault
  }

  static open(layout: Layout, kek: KeyEncryption): PartSecrets {
    return new PartSecrets(
      new SeedFiles(layout, kek),
      orMissing(() => new SubjectReader(layout, kek)),
    )
  }

  /** The walk over the positions of a chunk for a retention class; undefined when its seed is missing or damaged. */
  walk(chunk: number, retention: string): GgmWalk | undefined {
    if (chunk !== this.#chunk) {
      this.#walks = new Map()
      this.#chunk = chunk
    }
    if (!this.#walks.has(retention)) {
      const seed = orMissing(() => this.#seeds.find(chunk, retention))
      this.#walks.set(retention, seed === undefined ? undefined : new GgmWalk(seed))
    }
    return this.#walks.get(retention)
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
      this.#find = this.#db.prepare('SELECT wrapped FROM subject WHERE id = ?')
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
