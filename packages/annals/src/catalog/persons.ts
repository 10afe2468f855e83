import { type Actor, isPlain, parsePointer, valueAt } from '../model/index.ts'
import type { Catalog } from './contract.ts'
import type { EventType } from './event-type.ts'
import { covers, type Parts, type PersonPointer } from './parts.ts'
import type { Statement } from './statement.ts'

/** A person as the key store knows one. */
export interface PersonRef {
  readonly type: string
  readonly id: string
}

/** The persons that each part of an event is about. Parts without persons are absent. */
export type PartPersons = Readonly<Record<string, readonly PersonRef[]>>

const NOBODY: PartPersons = Object.freeze({})
/** While collecting: by part, then by type and id, because an array of a hostile draft may name thousands. */
type Found = Map<string, Map<string, PersonRef>>

/**
 * The persons of an event by part: actor and whom it acts for in `who`, targets and the type's pointers in `what` or in the
 * part that holds them. Each once per part, in the order in which they are found. A part gets a person also when it holds
 * only a piece of the reference.
 *
 * @example
 * ```ts
 * personsOf(event, types) // { who: [{ type: 'user', id: 'u1' }], what: [{ type: 'user', id: 'u2' }] }
 * ```
 */
export function personsOf(
  event: Statement,
  catalog: Pick<Catalog, 'get' | 'personTypes' | 'latest'>,
): PartPersons {
  const { personTypes } = catalog
  const type = catalog.get(event.action)
  const pointed = type !== undefined && type.persons.length > 0
  if (!pointed && event.actor.onBehalfOf === undefined && !hasPersonTarget(event, personTypes)) {
    const { type: kind, id } = event.actor
    return id !== '' && personTypes.includes(kind) ? { who: [{ type: kind, id }] } : NOBODY
  }
  const found: Found = new Map()
  for (let actor: Actor | undefined = event.actor; actor !== undefined; actor = actor.onBehalfOf) {
    if (personTypes.includes(actor.type)) add(found, 'who', actor.type, actor.id)
  }
  const parts = type?.parts ?? {}
  for (const target of event.targets) {
    if (personTypes.includes(target.type))
      for (const part of partsFor('/targets', parts)) add(found, part, target.type, target.id)
  }
  if (pointed) addPointed(found, event, catalog, type)
  if (found.size === 0) return NOBODY
  const persons: Record<string, readonly PersonRef[]> = {}
  for (const [part, list] of found) persons[part] = [...list.values()]
  return persons
}

function hasPersonTarget(event: Statement, personTypes: readonly string[]): boolean {
  for (const target of event.targets) if (personTypes.includes(target.type)) return true
  return false
}

function addPointed(
  found: Found,
  event: Statement,
  catalog: Pick<Catalog, 'personTypes' | 'latest'>,
  type: EventType,
): void {
  const latest = catalog.latest(event)
  for (const person of type.persons) {
    const segments = parsePointer(person.pointer)
    const values =
      segments[0] === 'changes' ? changedValues(event, segments.slice(1)) : [valueAt(latest, segments)]
    for (const value of values)
      collect(found, person, value, catalog.personTypes[0] ?? 'user', partsFor(person.pointer, type.parts))
  }
}

/** `/changes/<path of a change>`: both values of the changes there, or of one above it. */
function changedValues(event: Statement, segments: readonly string[]): unknown[] {
  const [path, ...below] = segments
  const values: unknown[] = []
  for (const change of event.changes ?? []) {
    if (path === undefined || (path !== change.path && !covers(change.path, path))) continue
    const rest = [...parsePointer(path.slice(change.path.length)), ...below]
    values.push(valueAt(change.before, rest), valueAt(change.after, rest))
  }
  return values
}

function collect(
  found: Found,
  person: PersonPointer,
  value: unknown,
  fallback: string,
  parts: readonly string[],
): void {
  const list = Array.isArray(value) ? value : [value]
  for (const one of list) {
    const id = isPlain(one) ? one['id'] : one
    const own =
      isPlain(one) && typeof one['type'] === 'string' && one['type'] !== '' ? one['type'] : undefined
    if (typeof id !== 'string' && typeof id !== 'number') continue
    for (const part of parts) add(found, part, person.type ?? own ?? fallback, String(id))
  }
}

/** The parts that hold a pointer or anything below it. */
function partsFor(pointer: string, parts: Parts): string[] {
  const place = pointer.startsWith('/changes/') ? '/changes' : pointer
  const base = pointer.startsWith('/actor') || pointer.startsWith('/origin') ? 'who' : 'what'
  const holders: string[] = []
  let whole = false
  for (const [name, pointers] of Object.entries(parts)) {
    if (pointers.some(moved => covers(moved, place))) whole = true
    if (pointers.some(moved => covers(moved, place) || covers(place, moved))) holders.push(name)
  }
  return whole ? holders : [base, ...holders]
}

function add(found: Found, part: string, type: string, id: string): void {
  if (id === '') return
  let persons = found.get(part)
  if (persons === undefined) {
    persons = new Map()
    found.set(part, persons)
  }
  const key = `${type}\0${id}`
  if (!persons.has(key)) persons.set(key, { type, id })
}
