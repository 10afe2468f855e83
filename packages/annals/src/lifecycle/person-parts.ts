import { readEntry } from '../log/entry.ts'
import type { KeyStore, Person } from '../log/key-store.ts'
import type { LogStore, Positioned } from '../log/log-store.ts'
import { isLogAction } from '../model/index.ts'
import { MentionFinder } from './mentions.ts'

/** A part that is about persons who are looked for. */
export interface PersonPart {
  readonly index: number
  readonly name: string
  /** Persons whose keys the part has, by their place in the list; with the ids of these keys. */
  readonly keyed: readonly { readonly person: number; readonly key: string }[]
  /** Persons whom the part names without having a key of theirs. */
  readonly mentioned: readonly number[]
  /** The part explains the log itself, and so is never erased. */
  readonly explains: boolean
}

/** Tells how far a walk over the log has come. */
type Walked = (next: number) => void

/**
 * Every part about these persons between two positions: keyed to one of them, or holding their id as a whole word anywhere
 * in it. An index finds no more than what it has words of, so the bytes themselves are read.
 *
 * @param search whether parts are looked into for ids, person by person; keys are always looked at
 */
export async function* personParts(
  { log, keys }: { readonly log: LogStore; readonly keys: Pick<KeyStore, 'tagOf'> },
  persons: readonly Person[],
  search: readonly boolean[],
  [from, to]: readonly [number, number],
  walked: Walked = () => {},
): AsyncGenerator<PersonPart, void, undefined> {
  const byTag = new Map(persons.map((person, i) => [keys.tagOf(person), i]))
  const byId = new Map<string, number[]>()
  for (const [i, { id }] of persons.entries())
    if (search[i] === true) byId.set(id, [...(byId.get(id) ?? []), i])
  const finder = new MentionFinder([...byId.keys()])
  for await (const batch of log.read(from, to)) {
    for (const one of batch) yield* partsOf(one, byTag, byId, finder)
    const last = batch.at(-1)
    if (last !== undefined) walked(last.index + 1)
  }
}

function* partsOf(
  { index, record }: Positioned,
  byTag: ReadonlyMap<string, number>,
  byId: ReadonlyMap<string, readonly number[]>,
  finder: MentionFinder,
): Generator<PersonPart, void, undefined> {
  for (const { name, keys, bytes } of record.parts) {
    if (bytes === null) continue
    const keyed = keys.flatMap(({ id, tag }) => {
      const person = byTag.get(tag)
      return person === undefined ? [] : [{ person, key: id }]
    })
    const mentioned = finder
      .in(bytes)
      .flatMap(id => byId.get(id) ?? [])
      .filter(person => !keyed.some(one => one.person === person))
    if (keyed.length === 0 && mentioned.length === 0) continue
    const { action } = readEntry(record.entry.toString('latin1'))
    yield { index, name, keyed, mentioned, explains: explainsLog(action, name) }
  }
}

/** Whether a part of an entry of the log itself explains the rest: it is never erased. Who did it can be. */
export function explainsLog(action: string, part: string): boolean {
  return part === 'what' && isLogAction(action)
}
