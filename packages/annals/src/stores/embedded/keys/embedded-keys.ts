import { createHmac } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Digest } from '../../../log/digest.ts'
import type { KeyStore, Person, SubjectKey } from '../../../log/key-store.ts'
import type { KeyRef } from '../../../log/record-bytes.ts'
import type { Layout } from '../layout.ts'
import { moduleBeside, Thread } from '../thread/thread.ts'
import type { KeyEncryption } from './key-encryption.ts'
import { ensurePepper } from './pepper.ts'
import { SeedFiles } from './seed-files.ts'
import { type Binding, POOL, subjectName, vaultPath, type WrappedKey } from './vault.ts'
import { damagedVault } from './vault-service.ts'

/** First bytes of every SQLite database. */
const SQLITE = 'SQLite format 3\0'

/** The secrets of an embedded log: wrapped files for seeds and pepper, and a database of subject keys in its own thread. */
export class EmbeddedKeys implements KeyStore {
  readonly pepper: Uint8Array
  readonly #kek: KeyEncryption
  readonly #seeds: SeedFiles
  readonly #vault: Thread
  readonly #size: () => number
  #pool: SubjectKeyMaterial[] = []
  #refilling: Promise<void> | undefined
  #binding: Promise<void> = Promise.resolve()
  #failure: unknown

  private constructor(
    layout: Layout,
    kek: KeyEncryption,
    rawKek: Uint8Array,
    pepper: Uint8Array,
    size: () => number,
  ) {
    this.pepper = pepper
    this.#kek = kek
    this.#size = size
    this.#seeds = new SeedFiles(layout, kek)
    this.#vault = new Thread(moduleBeside(import.meta.url, './vault-worker'), {
      dir: layout.dir,
      kek: rawKek,
    })
  }

  /** @param size entries of the log that are durable now */
  static async open(layout: Layout, kek: KeyEncryption, size: () => number): Promise<EmbeddedKeys> {
    const pepper = await ensurePepper(layout, kek)
    await refuseJunk(layout)
    const keys = new EmbeddedKeys(layout, kek, kek.raw(), pepper, size)
    keys.#refilling = keys.#refill()
    return keys
  }

  async chunkSeeds(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    return await this.#seeds.ensure(chunk, classes)
  }

  /** One call at a time: two that find the same new person must agree on the key. */
  subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]> {
    const answer = this.#asking.then(() => this.#subjectKeys(persons))
    this.#asking = answer.catch(() => {})
    return answer
  }
  #asking: Promise<unknown> = Promise.resolve()

  async #subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]> {
    if (this.#failure !== undefined) throw this.#failure
    const tags = persons.map(person => this.#tag(person))
    const found = (await this.#vault.call('find', tags)) as (WrappedKey | undefined)[]
    const keys: SubjectKey[] = []
    const bindings: Binding[] = []
    const fresh = new Map<string, SubjectKeyMaterial>()
    for (const [i, bytes] of tags.entries()) {
      const tag = bytes.toString('latin1')
      const wrapped = found[i]
      let material = wrapped === undefined ? fresh.get(tag) : this.#open(wrapped)
      if (material === undefined) {
        material = await this.#next()
        fresh.set(tag, material)
        bindings.push({ tag: bytes, id: Buffer.from(material.id, 'latin1') })
      }
      keys.push({ ...material, tag })
    }
    if (bindings.length > 0) this.#bind(bindings)
    return keys
  }

  /** Repeats the bindings that a crash may have lost, from the records themselves. */
  async rebind(refs: AsyncIterable<readonly KeyRef[]>, size: number): Promise<void> {
    for await (const batch of refs) {
      const bindings = batch.map(ref => ({
        tag: Buffer.from(ref.tag, 'latin1'),
        id: Buffer.from(ref.id, 'latin1'),
      }))
      await this.#vault.call('bind', bindings, 0)
    }
    await this.#vault.call('bind', [], size)
  }

  /** All entries below this position have their keys bound. */
  async boundTo(): Promise<number> {
    return (await this.#vault.call('boundTo')) as number
  }

  async close(): Promise<void> {
    await this.#refilling
    await this.#binding
    if (this.#failure === undefined) await this.#vault.call('bind', [], this.#size())
    await this.#vault.close()
  }

  #bind(bindings: readonly Binding[]): void {
    const bound = this.#size()
    this.#binding = this.#vault.call('bind', bindings, bound).then(
      () => {},
      error => {
        this.#failure = error
      },
    )
  }

  async #next(): Promise<SubjectKeyMaterial> {
    if (this.#pool.length < POOL / 4) this.#refilling ??= this.#refill()
    if (this.#pool.length === 0) await this.#refilling
    const next = this.#pool.pop()
    if (next === undefined) throw this.#failure ?? new Error('the pool of subject keys could not be filled')
    return next
  }

  async #refill(): Promise<void> {
    try {
      const taken = (await this.#vault.call('take', POOL)) as WrappedKey[]
      this.#pool = [...taken.map(key => this.#open(key)), ...this.#pool]
    } catch (error) {
      this.#failure = error
    } finally {
      this.#refilling = undefined
    }
  }

  #open({ id, wrapped }: WrappedKey): SubjectKeyMaterial {
    return {
      id: Buffer.from(id).toString('latin1'),
      key: this.#kek.unwrap(wrapped, subjectName(id)).toString('latin1'),
    }
  }

  #tag(person: Person): Buffer {
    const mac = createHmac('sha256', this.pepper)
      .update('annals-person/v1\0')
      .update(person.type)
      .update('\0')
    return mac.update(person.id).digest().subarray(0, 16)
  }
}

/** Refuses a file that is plainly no database here, before anything is recorded: its thread is asked only later. */
async function refuseJunk(layout: Layout): Promise<void> {
  const file = await open(vaultPath(layout), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return
  try {
    const head = Buffer.alloc(SQLITE.length)
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    // SQLite makes an empty file a database.
    if (bytesRead > 0 && head.toString('latin1', 0, bytesRead) !== SQLITE) throw damagedVault(layout)
  } finally {
    await file.close()
  }
}

interface SubjectKeyMaterial {
  readonly id: string
  readonly key: Digest
}
