import type { Person } from '../log/key-store.ts'
import type { ActContext, Progress } from './act.ts'
import type { Findings, FoundPart } from './erase-findings.ts'
import type { MentionPolicy } from './erase-request.ts'
import { isPeculiar } from './mentions.ts'
import { type PersonPart, personParts } from './person-parts.ts'

const END = Number.MAX_SAFE_INTEGER

/** Looks for everything about persons, in two walks: one up to now, and one for what came until their keys were retired. */
export class PersonSearch {
  readonly #context: ActContext
  readonly #persons: readonly Person[]
  readonly #policies: readonly MentionPolicy[]
  readonly #progress: Progress
  readonly #found: PersonPart[] = []
  /**
   * The persons' keys before they were retired, by person. Those of an earlier erasure that was held or cut short are among
   * them: where only archives have what they were used for, nothing else leads to them.
   */
  readonly #owned = new Map<string, number>()
  /** Keys of persons who go on acting: nothing that was recorded under them is meant. */
  #fresh: ReadonlySet<string> = new Set()
  #next = 0

  constructor(
    context: ActContext,
    persons: readonly Person[],
    mentions: MentionPolicy | undefined,
    progress: Progress,
  ) {
    this.#context = context
    this.#persons = persons
    this.#policies = persons.map(({ id }) => mentions ?? (isPeculiar(id) ? 'erase' : 'report'))
    this.#progress = progress
  }

  /** Looks through everything that is recorded now. */
  async walk(): Promise<void> {
    await this.#own()
    await this.#walk()
  }

  /** Gives the persons fresh keys, and looks through what came meanwhile under their old ones. */
  async retire(): Promise<void> {
    const { store, forgetKeys } = this.#context
    await this.#own()
    await store.keys.retire(this.#persons)
    await forgetKeys()
    await this.#walk()
    this.#fresh = await this.#freshKeys()
  }

  findings(): Findings {
    const parts: FoundPart[] = []
    const keys = new Set(this.#owned.keys())
    const persons = new Set(this.#owned.values())
    let reported = 0
    let explaining = 0
    for (const { index, name, keyed, mentioned, explains } of this.#found) {
      const old = keyed.filter(({ key }) => !this.#fresh.has(key))
      if (old.length === 0 && mentioned.length === 0) continue
      if (explains) {
        explaining++
        continue
      }
      for (const { person, key } of old) {
        keys.add(key)
        persons.add(person)
      }
      const due = old.length > 0 || mentioned.some(person => this.#policies[person] === 'erase')
      if (due) parts.push({ index, name, keys: old.map(({ key }) => key), mention: old.length === 0 })
      else reported++
    }
    return { parts, keys, persons: persons.size, reported, explaining }
  }

  async #walk(): Promise<void> {
    const { store } = this.#context
    const size = (await store.log.chunks()).at(-1)?.hi ?? 0
    const search = this.#policies.map(policy => policy !== 'ignore')
    const parts = personParts(store, this.#persons, search, [this.#next, END], next => {
      this.#next = next
      this.#progress(next, Math.max(next, size))
    })
    for await (const part of parts) this.#found.push(part)
  }

  async #own(): Promise<void> {
    for (const [person, whose] of this.#persons.entries())
      for (const key of await this.#context.store.keys.subjectIds(whose)) this.#owned.set(key, person)
  }

  async #freshKeys(): Promise<ReadonlySet<string>> {
    const keys = await Promise.all(this.#persons.map(person => this.#context.store.keys.subject(person)))
    return new Set(keys.flatMap(key => (key === undefined ? [] : [key.id])))
  }
}
