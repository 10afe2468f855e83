import { createSecretKey, randomBytes } from 'node:crypto'
import { classSecrets, onlyEntries, punctured, type SecretSet } from '../../log/class-secrets.ts'
import type { Digest } from '../../log/digest.ts'
import { type GgmNode, ggmSeed } from '../../log/ggm.ts'
import type { ClassSecrets, KeyStore, Person, Puncture, SubjectKey } from '../../log/key-store.ts'
import { personTag } from '../../log/person-tag.ts'

/** The secrets of a log in memory. */
export class MemoryKeys implements KeyStore {
  readonly pepper: Uint8Array = randomBytes(32)
  readonly #tagging = createSecretKey(this.pepper)
  /** What is left of the seeds; null for a class that was destroyed. */
  readonly #seeds = new Map<string, SecretSet | null>()
  /** Keys by the tag of their person. */
  readonly #subjects = new Map<string, SubjectKey>()
  readonly #byId = new Map<string, SubjectKey>()
  #applied = 0

  async chunkSeeds(
    chunk: number,
    classes: readonly string[],
  ): Promise<ReadonlyMap<string, readonly GgmNode[]>> {
    const nodes = new Map<string, readonly GgmNode[]>()
    for (const name of classes) {
      const set = madeOnce(this.#seeds, `${chunk}/${name}`, () => ({ nodes: ggmSeed(secret(32)), parts: [] }))
      if (set !== null) nodes.set(name, set.nodes)
    }
    return nodes
  }

  async subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]> {
    return persons.map(person => {
      const tag = this.tagOf(person)
      const key = madeOnce(this.#subjects, tag, () => ({ id: secret(16), key: secret(32), tag }))
      this.#byId.set(key.id, key)
      return key
    })
  }

  async secrets(chunk: number, retention: string): Promise<ClassSecrets | undefined> {
    const set = this.#seeds.get(`${chunk}/${retention}`)
    return set ? classSecrets(set) : undefined
  }

  async subject(person: Person): Promise<SubjectKey | undefined> {
    return this.#subjects.get(this.tagOf(person))
  }

  async subjectIds(person: Person): Promise<readonly string[]> {
    const tag = this.tagOf(person)
    return [...this.#byId.values()].filter(key => key.tag === tag).map(({ id }) => id)
  }

  async retire(persons: readonly Person[]): Promise<void> {
    for (const person of persons) this.#subjects.delete(this.tagOf(person))
  }

  tagOf(person: Person): string {
    return personTag(this.#tagging, person)
  }

  async subjectsById(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = new Map<string, SubjectKey>()
    for (const id of ids) {
      const key = this.#byId.get(id)
      if (key !== undefined) found.set(id, key)
    }
    return found
  }

  async puncture(chunk: number, retention: string, punctures: readonly Puncture[]): Promise<void> {
    const name = `${chunk}/${retention}`
    const set = this.#seeds.get(name)
    if (set) this.#seeds.set(name, punctured(set, punctures))
  }

  async destroyClass(chunk: number, retention: string, except: readonly number[]): Promise<void> {
    const name = `${chunk}/${retention}`
    const set = this.#seeds.get(name)
    this.#seeds.set(name, (set && onlyEntries(set, except)) ?? null)
  }

  async destroySubjects(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const key = this.#byId.get(id)
      if (key === undefined) continue
      this.#byId.delete(id)
      if (this.#subjects.get(key.tag) === key) this.#subjects.delete(key.tag)
    }
  }

  async applied(): Promise<number> {
    return this.#applied
  }

  async setApplied(position: number): Promise<void> {
    this.#applied = Math.max(this.#applied, position)
  }
}

function madeOnce<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name)
  if (found !== undefined) return found
  const made = make()
  known.set(name, made)
  return made
}

function secret(bytes: number): Digest {
  return randomBytes(bytes).toString('latin1')
}
