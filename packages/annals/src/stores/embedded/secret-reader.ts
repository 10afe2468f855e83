import { open } from 'node:fs/promises'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ClassSecrets, SubjectKey } from '../../log/key-store.ts'
import { AnnalsError } from '../../model/index.ts'
import { type KeyEncryption, readKeyEncryption } from './keys/key-encryption.ts'
import { SeedFiles } from './keys/seed-files.ts'
import { subjectName, vaultPath } from './keys/vault.ts'
import type { Layout } from './layout.ts'
import { listSegments } from './segment-file.ts'
import { openReadOnly } from './verify/read-only-database.ts'

/** Class secrets that are remembered: those of the chunk that is being read. */
const MOST_CLASSES = 16
/** Where every segment file, in whatever form, names its chunk. */
const CHUNK_AT = 16

/**
 * The secrets of a directory for whoever may read its keys, to disclose parts. It makes no key, writes nothing, and remembers
 * subject keys not at all.
 */
export class SecretReader {
  readonly #layout: Layout
  readonly #kek: KeyEncryption
  readonly #size: () => number
  readonly #seeds: SeedFiles
  readonly #classes = new Map<string, ClassSecrets | undefined>()
  #vault: { readonly db: DatabaseSync; readonly select: StatementSync } | undefined
  #segment: { readonly from: number; readonly to: number; readonly chunk: number } | undefined

  private constructor(layout: Layout, kek: KeyEncryption, size: () => number) {
    this.#layout = layout
    this.#size = size
    this.#kek = kek
    this.#seeds = new SeedFiles(layout, kek)
  }

  /**
   * @param size entries of the log that can be read now
   * @throws AnnalsError ANNALS_KEYS when the key-encryption key is not there, is no key, or may not be read
   */
  static async open(layout: Layout, size: () => number): Promise<SecretReader> {
    const kek = await allowed(layout, () => readKeyEncryption(layout))
    if (kek === undefined) {
      throw new AnnalsError('ANNALS_KEYS', `${layout.keys} has no key-encryption key.`, {
        hint: 'Parts are disclosed where the keys of the log are; without them a receipt can still be made.',
      })
    }
    return new SecretReader(layout, kek, size)
  }

  /** First position of the chunk that a position is in. */
  async chunkOf(index: number): Promise<number> {
    const known = this.#segment
    if (known !== undefined && index >= known.from && index < known.to) return known.chunk
    const size = this.#size()
    const segments = listSegments(this.#layout.chunks)
    const nth = segments.findLastIndex(segment => segment.first <= index)
    const segment = segments[nth]
    if (segment === undefined)
      throw new AnnalsError('ANNALS_NOT_FOUND', `There is no entry at position ${index}.`)
    const chunk = await chunkIn(segment.path)
    // The last segment may be followed by another at any time, which holds nothing of what there was before.
    const to = segments[nth + 1]?.first ?? Math.max(size, index + 1)
    this.#segment = { from: segment.first, to, chunk }
    return chunk
  }

  async secrets(chunk: number, retention: string): Promise<ClassSecrets | undefined> {
    const name = `${chunk}/${retention}`
    if (!this.#classes.has(name)) {
      if (this.#classes.size >= MOST_CLASSES) this.#classes.clear()
      const found = await allowed(this.#layout, async () => this.#seeds.find(chunk, retention))
      this.#classes.set(name, found)
    }
    return this.#classes.get(name)
  }

  async subjectsById(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = await allowed(this.#layout, async () => this.#find(ids))
    if (found.size === new Set(ids).size) return found
    // A database that nobody had open was read as it was; a writer may have added to it since.
    this.close()
    return this.#find(ids)
  }

  close(): void {
    this.#vault?.db.close()
    this.#vault = undefined
  }

  #open(): { readonly db: DatabaseSync; readonly select: StatementSync } {
    const db = openReadOnly(vaultPath(this.#layout))
    try {
      return { db, select: db.prepare('SELECT wrapped, tag FROM subject WHERE id = ?') }
    } catch (error) {
      db.close()
      throw error
    }
  }

  #find(ids: readonly string[]): Map<string, SubjectKey> {
    this.#vault ??= this.#open()
    const { select } = this.#vault
    const found = new Map<string, SubjectKey>()
    for (const id of new Set(ids)) {
      const bytes = Buffer.from(id, 'latin1')
      const row = select.get(bytes) as { wrapped: Uint8Array; tag: Uint8Array | null } | undefined
      if (row === undefined) continue
      const key = this.#kek.unwrap(row.wrapped, subjectName(bytes)).toString('latin1')
      found.set(id, { id, key, tag: Buffer.from(row.tag ?? []).toString('latin1') })
    }
    return found
  }
}

async function chunkIn(path: string): Promise<number> {
  const file = await open(path, 'r')
  try {
    const head = Buffer.alloc(CHUNK_AT + 8)
    await file.read(head, 0, head.length, 0)
    return Number(head.readBigUInt64BE(CHUNK_AT))
  } finally {
    await file.close()
  }
}

/** Runs what reads keys; a refusal of the file system says what the reader lacks. */
async function allowed<T>(layout: Layout, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw cause
    throw new AnnalsError('ANNALS_KEYS', `${layout.keys} may not be read by this user.`, {
      cause,
      hint: 'Disclose parts as a user who may read the keys; without disclosed parts no key is needed.',
    })
  }
}
