import type { Person, SubjectKey } from './key-store.ts'

const HALF = 32_768

/**
 * Keys of recently seen persons. Two generations of at most 32,768 each: when the young one is full it becomes the old
 * one, so memory is bounded and a hit costs one look-up.
 */
export class SubjectCache {
  #young = new Map<string, SubjectKey>()
  #old = new Map<string, SubjectKey>()

  get(person: Person): SubjectKey | undefined {
    const name = nameOf(person)
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const old = this.#old.get(name)
    if (old !== undefined) this.#put(name, old)
    return old
  }

  set(person: Person, key: SubjectKey): void {
    this.#put(nameOf(person), key)
  }

  /** Forgets everything, so that a destroyed key is used no more. */
  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  #put(name: string, key: SubjectKey): void {
    if (this.#young.size >= HALF) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, key)
  }
}

function nameOf(person: Person): string {
  return `${person.type}\0${person.id}`
}
