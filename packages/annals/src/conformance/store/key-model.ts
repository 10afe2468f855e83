import assert from 'node:assert/strict'
import type { Digest } from '../../log/digest.ts'
import { GgmWalk } from '../../log/ggm.ts'
import type { KeyStore, Person, Puncture, SubjectKey } from '../../log/key-store.ts'
import { partSeed } from '../../log/secrets.ts'

/** Names of parts that entries of the model have. */
export const PARTS: readonly string[] = ['internal', 'what', 'who']

interface ClassModel {
  readonly chunk: number
  readonly retention: string
  readonly walk: GgmWalk
  /** Offsets in use. */
  readonly offsets: readonly number[]
  /** Parts that can still be derived, as `offset/name`. */
  readonly parts: Set<string>
  /** Offsets whose `g` can still be derived. */
  readonly whole: Set<number>
  destroyed: boolean
}

/** What a key store must still know, kept beside it: every value that it once gave, and which of them may still be had. */
export class KeyModel {
  readonly #classes: ClassModel[] = []
  /** Keys by person: the current one, and those that were taken from them. */
  readonly #current = new Map<string, { readonly person: Person; readonly key: SubjectKey }>()
  readonly #retired = new Map<string, SubjectKey>()
  readonly #destroyed = new Set<string>()

  /** Makes the seed of a class and remembers what it gives at these offsets. */
  async addClass(
    keys: KeyStore,
    chunk: number,
    retention: string,
    offsets: readonly number[],
  ): Promise<void> {
    const nodes = (await keys.chunkSeeds(chunk, [retention])).get(retention)
    assert.ok(nodes !== undefined, 'a new class has a seed')
    this.#classes.push({
      chunk,
      retention,
      walk: new GgmWalk(nodes),
      offsets,
      parts: new Set(offsets.flatMap(offset => PARTS.map(name => `${offset}/${name}`))),
      whole: new Set(offsets),
      destroyed: false,
    })
  }

  async addPersons(keys: KeyStore, persons: readonly Person[]): Promise<void> {
    const given = await keys.subjectKeys(persons)
    for (const [i, person] of persons.entries()) {
      const key = given[i] as SubjectKey
      const known = this.#current.get(personName(person))
      if (known !== undefined) assert.deepEqual(key, known.key)
      else {
        assert.ok(
          !this.#retired.has(key.id) && !this.#destroyed.has(key.id),
          'a key is given to one person, once',
        )
        this.#current.set(personName(person), { person, key })
      }
    }
  }

  async puncture(keys: KeyStore, nth: number, punctures: readonly Puncture[]): Promise<void> {
    const model = this.#nth(nth)
    await keys.puncture(model.chunk, model.retention, punctures)
    for (const { offset, kept } of punctures) {
      model.whole.delete(offset)
      for (const name of PARTS) if (!kept.includes(name)) model.parts.delete(`${offset}/${name}`)
    }
  }

  async destroyClass(keys: KeyStore, nth: number, except: readonly number[]): Promise<void> {
    const model = this.#nth(nth)
    await keys.destroyClass(model.chunk, model.retention, except)
    for (const offset of model.offsets) {
      if (except.includes(offset)) continue
      model.whole.delete(offset)
      for (const name of PARTS) model.parts.delete(`${offset}/${name}`)
    }
    if (except.length === 0) model.destroyed = true
  }

  async retire(keys: KeyStore, persons: readonly Person[]): Promise<void> {
    await keys.retire(persons)
    for (const person of persons) {
      const known = this.#current.get(personName(person))
      if (known === undefined) continue
      this.#current.delete(personName(person))
      this.#retired.set(known.key.id, known.key)
    }
  }

  /** Destroys the nth of all keys there are, current or not. */
  async destroySubject(keys: KeyStore, nth: number): Promise<void> {
    const all = [...this.#retired.values(), ...[...this.#current.values()].map(({ key }) => key)]
    const doomed = all[nth % Math.max(all.length, 1)]
    if (doomed === undefined) return
    await keys.destroySubjects([doomed.id, '\0'.repeat(16)])
    this.#retired.delete(doomed.id)
    for (const [name, { key }] of this.#current) if (key.id === doomed.id) this.#current.delete(name)
    this.#destroyed.add(doomed.id)
  }

  /** Asserts that a store gives exactly what it may, and the values it always gave. */
  async check(keys: KeyStore): Promise<void> {
    for (const model of this.#classes) {
      const { chunk, retention, walk, offsets, parts, whole, destroyed } = model
      const secrets = await keys.secrets(chunk, retention)
      if (destroyed) assert.equal(secrets, undefined)
      for (const offset of offsets) {
        const g = walk.leaf(offset) as Digest
        assert.equal(
          secrets?.leaf(offset),
          whole.has(offset) ? g : undefined,
          `leaf ${offset} of ${retention}`,
        )
        for (const name of PARTS) {
          const expected = parts.has(`${offset}/${name}`) ? partSeed(g, name) : undefined
          assert.equal(secrets?.partSeed(offset, name), expected, `part ${name} of ${offset} in ${retention}`)
        }
      }
      const nodes = (await keys.chunkSeeds(chunk, [retention])).get(retention)
      if (destroyed) assert.equal(nodes, undefined)
      const left = new GgmWalk(nodes ?? [])
      for (const offset of offsets) assert.equal(left.leaf(offset) !== undefined, whole.has(offset))
    }
    const living = [...this.#retired.values(), ...[...this.#current.values()].map(({ key }) => key)]
    const found = await keys.subjectsById([...living.map(({ id }) => id), ...this.#destroyed])
    assert.deepEqual(
      new Map(living.map(key => [key.id, key])),
      new Map(living.map(({ id }) => [id, found.get(id)])),
    )
    assert.equal(found.size, living.length)
    for (const { person, key } of this.#current.values()) {
      assert.deepEqual(await keys.subject(person), key)
      const ids = new Set(await keys.subjectIds(person))
      // A person may have keys that another model took from them.
      for (const { id, tag } of living) assert.equal(ids.has(id), tag === key.tag)
      for (const id of this.#destroyed) assert.ok(!ids.has(id), 'a destroyed key has no owner')
    }
  }

  #nth(nth: number): ClassModel {
    return this.#classes[nth % this.#classes.length] as ClassModel
  }
}

function personName({ type, id }: Person): string {
  return `${type}\0${id}`
}
