import type { Item } from './item.ts'
import type { KeyStore, Person, SubjectKey } from './key-store.ts'
import { SubjectCache } from './subject-cache.ts'

/** Finds the subject keys of items: at once when they are remembered, else many together from the key store. */
export class SubjectKeys {
  readonly #keys: KeyStore
  readonly #cache = new SubjectCache()

  constructor(keys: KeyStore) {
    this.#keys = keys
  }

  /** Forgets every key, so that none that was retired is used again. */
  forget(): void {
    this.#cache.clear()
  }

  /** Gives an item its keys if all of them are remembered. */
  fromCache(item: Item): boolean {
    const keys: SubjectKey[][] = []
    for (const persons of item.event.persons ?? []) {
      const found: SubjectKey[] = []
      for (const person of persons) {
        const key = this.#cache.get(person)
        if (key === undefined) return false
        found.push(key)
      }
      keys.push(inKeyOrder(found))
    }
    item.keys = keys
    return true
  }

  /** Gives items their keys, with one look-up for all persons that are not remembered. */
  async resolve(items: readonly Item[]): Promise<void> {
    const missing = new Map<string, Person>()
    const known = new Map<string, SubjectKey>()
    const wanted = items.filter(item => !item.settled && item.event.persons !== undefined)
    for (const item of wanted) {
      for (const person of (item.event.persons ?? []).flat()) {
        const key = this.#cache.get(person)
        if (key === undefined) missing.set(nameOf(person), person)
        else known.set(nameOf(person), key)
      }
    }
    if (missing.size > 0) {
      const persons = [...missing.values()]
      const keys = await this.#keys.subjectKeys(persons)
      for (const [i, person] of persons.entries()) {
        known.set(nameOf(person), keys[i] as SubjectKey)
        this.#cache.set(person, keys[i] as SubjectKey)
      }
    }
    for (const item of wanted) {
      item.keys = item.event.persons?.map(persons =>
        inKeyOrder(persons.map(p => known.get(nameOf(p)) as SubjectKey)),
      )
    }
  }
}

function nameOf(person: Person): string {
  return `${person.type}\0${person.id}`
}

/** Keys ordered by id, duplicates removed. */
function inKeyOrder(keys: SubjectKey[]): SubjectKey[] {
  if (keys.length < 2) return keys
  keys.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return keys.filter((key, i) => i === 0 || key.id !== (keys[i - 1] as SubjectKey).id)
}
