import { createSecretKey, type KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Digest } from '../../../log/digest.ts'
import type { GgmNode } from '../../../log/ggm.ts'
import type {
  ClassSecrets,
  KeyEncryptionKey,
  KeyStore,
  Person,
  Puncture,
  SubjectKey,
} from '../../../log/key-store.ts'
import { personTag } from '../../../log/person-tag.ts'
import type { KeyRef } from '../../../log/record-bytes.ts'
import type { Layout } from '../layout.ts'
import { moduleBeside, Thread } from '../thread/thread.ts'
import { kekState, rotateKek, settleKek, type Wrapped } from './kek-rotation.ts'
import type { KeyEncryption } from './key-encryption.ts'
import { ensurePepper } from './pepper.ts'
import { shredLeftovers } from './secret-file.ts'
import { SeedFiles, seedsDir } from './seed-files.ts'
import { type Binding, POOL, subjectName, type TaggedKey, vaultPath, type WrappedKey } from './vault.ts'
import { damagedVault } from './vault-service.ts'

/** First bytes of every SQLite database. */
const SQLITE = 'SQLite format 3\0'

/** The secrets of an embedded log: wrapped files for seeds and pepper, and a database of subject keys in its own thread. */
export class EmbeddedKeys implements KeyStore {
  readonly pepper: Uint8Array
  readonly #tagging: KeyObject
  readonly #kek: KeyEncryption
  readonly #seeds: SeedFiles
  readonly #vault: Thread
  readonly #size: () => number
  #pool: SubjectKeyMaterial[] = []
  #refilling: Promise<void> | undefined
  #binding: Promise<void> = Promise.resolve()
  #failure: unknown
  #turn: Promise<unknown> = Promise.resolve()

  readonly kek: KeyEncryptionKey = {
    state: () => kekState(this.#layout, this.#wrapped()),
    rotate: progress => this.#inTurn(() => rotateKek(this.#layout, this.#wrapped(), progress, Date.now())),
  }
  readonly #layout: Layout
  /** What the operator should know of the keys, in sentences. */
  notices: readonly string[] = []

  private constructor(layout: Layout, kek: KeyEncryption, pepper: Uint8Array, size: () => number) {
    this.pepper = pepper
    this.#tagging = createSecretKey(pepper)
    this.#layout = layout
    this.#kek = kek
    this.#size = size
    this.#seeds = new SeedFiles(layout, kek)
    this.#vault = new Thread(moduleBeside(import.meta.url, './vault-worker'), {
      dir: layout.dir,
      kek: kek.raw(),
    })
  }

  /** @param size entries of the log that are durable now */
  static async open(layout: Layout, kek: KeyEncryption, size: () => number): Promise<EmbeddedKeys> {
    for (const dir of [layout.keys, seedsDir(layout)]) await shredLeftovers(dir)
    const pepper = await ensurePepper(layout, kek)
    await refuseJunk(layout)
    const keys = new EmbeddedKeys(layout, kek, pepper, size)
    try {
      keys.notices = await settleKek(layout, keys.#wrapped(), Date.now())
    } catch (error) {
      await keys.#vault.close()
      throw error
    }
    keys.#refilling = keys.#refill()
    return keys
  }

  async chunkSeeds(
    chunk: number,
    classes: readonly string[],
  ): Promise<ReadonlyMap<string, readonly GgmNode[]>> {
    return await this.#seeds.ensure(chunk, classes)
  }

  /** One call at a time: two that find the same new person must agree on the key. */
  subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]> {
    return this.#inTurn(() => this.#subjectKeys(persons))
  }

  async secrets(chunk: number, retention: string): Promise<ClassSecrets | undefined> {
    return this.#seeds.find(chunk, retention)
  }

  async subject(person: Person): Promise<SubjectKey | undefined> {
    const tag = this.#tag(person)
    const [found] = (await this.#vault.call('find', [tag])) as (WrappedKey | undefined)[]
    return found === undefined ? undefined : { ...this.#open(found), tag: tag.toString('latin1') }
  }

  async subjectIds(person: Person): Promise<readonly string[]> {
    const found = (await this.#vault.call('idsOf', this.#tag(person))) as Uint8Array[]
    return found.map(id => Buffer.from(id).toString('latin1'))
  }

  retire(persons: readonly Person[]): Promise<void> {
    // After everyone who asked before has their keys bound.
    return this.#inTurn(async () => {
      await this.#vault.call(
        'retire',
        persons.map(person => this.#tag(person)),
      )
    })
  }

  tagOf(person: Person): string {
    return this.#tag(person).toString('latin1')
  }

  async subjectsById(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = (await this.#vault.call('byId', idBytes(ids))) as TaggedKey[]
    return new Map(
      found.map(key => {
        const material = this.#open(key)
        return [material.id, { ...material, tag: Buffer.from(key.tag).toString('latin1') }]
      }),
    )
  }

  async puncture(chunk: number, retention: string, punctures: readonly Puncture[]): Promise<void> {
    await this.#seeds.puncture(chunk, retention, punctures)
  }

  async destroyClass(chunk: number, retention: string, except: readonly number[]): Promise<void> {
    await this.#seeds.destroy(chunk, retention, except)
  }

  destroySubjects(ids: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const doomed = new Set(ids)
      this.#pool = this.#pool.filter(({ id }) => !doomed.has(id))
      await this.#vault.call('destroy', idBytes(ids))
    })
  }

  async applied(): Promise<number> {
    return (await this.#vault.call('mark', 'applied')) as number
  }

  async setApplied(position: number): Promise<void> {
    await this.#vault.call('setMark', 'applied', position)
  }

  #wrapped(): Wrapped {
    return {
      kek: this.#kek,
      seeds: this.#seeds,
      rewrapSubjects: async key => {
        await this.#vault.call('changeKek', key)
        await this.#vault.call('rewrap')
      },
      forgetKekBefore: async () => {
        await this.#vault.call('forgetKekBefore')
      },
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

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
    return (await this.#vault.call('mark', 'bound')) as number
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
    return Buffer.from(personTag(this.#tagging, person), 'latin1')
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

function idBytes(ids: readonly string[]): Uint8Array[] {
  return ids.map(id => Buffer.from(id, 'latin1'))
}

interface SubjectKeyMaterial {
  readonly id: string
  readonly key: Digest
}
