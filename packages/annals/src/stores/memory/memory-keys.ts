import { createHmac, randomBytes } from 'node:crypto'
import type { Digest } from '../../log/digest.ts'
import type { KeyStore, Person, SubjectKey } from '../../log/key-store.ts'

/** The secrets of a log in memory. */
export class MemoryKeys implements KeyStore {
  readonly pepper: Uint8Array = randomBytes(32)
  readonly #seeds = new Map<string, Digest>()
  readonly #subjects = new Map<string, SubjectKey>()

  async chunkSeeds(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    return new Map(classes.map(name => [name, madeOnce(this.#seeds, `${chunk}/${name}`, () => secret(32))]))
  }

  async subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]> {
    return persons.map(person => {
      const tag = this.#tag(person)
      return madeOnce(this.#subjects, tag, () => ({ id: secret(16), key: secret(32), tag }))
    })
  }

  #tag(person: Person): string {
    const mac = createHmac('sha256', this.pepper)
      .update('annals-person/v1\0')
      .update(person.type)
      .update('\0')
    return mac.update(person.id).digest().toString('latin1', 0, 16)
  }
}

function madeOnce<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make()
  known.set(name, found)
  return found
}

function secret(bytes: number): Digest {
  return randomBytes(bytes).toString('latin1')
}
