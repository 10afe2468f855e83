import type { DatabaseSync } from 'node:sqlite'
import type { ArchiveKeys } from '../../../lifecycle/archive/encode-chunk.ts'
import type { ClassSecrets, SubjectKey } from '../../../log/key-store.ts'
import type { KeyEncryption } from '../keys/key-encryption.ts'
import { SeedFiles } from '../keys/seed-files.ts'
import { subjectName, type TaggedKey, vaultPath } from '../keys/vault.ts'
import type { Layout } from '../layout.ts'
import { openReadOnly } from '../verify/read-only-database.ts'

/** Subject keys that are remembered: about 30 MB. */
const MOST_KEYS = 100_000

/** The secrets of a directory as staging reads them, in its own thread; it makes and changes none. */
export class StageKeys implements ArchiveKeys {
  readonly #kek: KeyEncryption
  readonly #seeds: SeedFiles
  readonly #layout: Layout
  readonly #known = new Map<string, SubjectKey | undefined>()
  #db: DatabaseSync | undefined

  constructor(layout: Layout, kek: KeyEncryption) {
    this.#kek = kek
    this.#seeds = new SeedFiles(layout, kek)
    this.#layout = layout
  }

  async secrets(chunk: number, retention: string): Promise<ClassSecrets | undefined> {
    return this.classSecrets(chunk, retention)
  }

  classSecrets(chunk: number, retention: string): ClassSecrets | undefined {
    return this.#seeds.find(chunk, retention)
  }

  async subjectsById(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = new Map<string, SubjectKey>()
    for (const id of ids) {
      const key = this.subject(id)
      if (key !== undefined) found.set(id, key)
    }
    return found
  }

  /** A subject key by its id, 16 bytes in latin1. */
  subject(id: string): SubjectKey | undefined {
    if (!this.#known.has(id)) {
      if (this.#known.size > MOST_KEYS) this.#known.clear()
      this.#known.set(id, this.#find(id))
    }
    return this.#known.get(id)
  }

  close(): void {
    this.#db?.close()
  }

  #find(id: string): SubjectKey | undefined {
    this.#db ??= openReadOnly(vaultPath(this.#layout))
    // Of a key that was handed out a moment ago nobody may have written down yet whose it is.
    const row = this.#db
      .prepare(
        'SELECT id, wrapped, tag FROM subject WHERE id = ?1 UNION ALL SELECT id, wrapped, tag FROM retired WHERE id = ?1',
      )
      .get(Buffer.from(id, 'latin1')) as TaggedKey | undefined
    if (row === undefined) return undefined
    const key = this.#kek.unwrap(row.wrapped, subjectName(row.id)).toString('latin1')
    return { id, key, tag: row.tag === null ? '' : Buffer.from(row.tag).toString('latin1') }
  }
}
