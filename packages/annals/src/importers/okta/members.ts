import { type Fields, fieldsOf, identifierOf, isFields } from '../fields.ts'

/** Members of a log event whose names are not all lower case. */
const FOLDED: ReadonlyMap<string, string> = new Map(
  ['eventType', 'displayMessage', 'debugContext', 'authenticationContext'].map(name => [
    name,
    name.toLowerCase(),
  ]),
)

/**
 * The name under which a record has a member: as Okta writes it, or in lower case, as tables of data lakes fold the names of
 * columns. Names within members are never folded.
 *
 * @example
 * ```ts
 * keyOf({ eventtype: 'user.session.start' }, 'eventType') // 'eventtype'
 * ```
 */
export function keyOf(record: Fields, name: string): string {
  const folded = FOLDED.get(name)
  return folded === undefined || Object.hasOwn(record, name) || !Object.hasOwn(record, folded) ? name : folded
}

/** A member of a record that is an object; an empty one when it is none. */
export function memberOf(record: Fields, name: string): Fields {
  return fieldsOf(record[keyOf(record, name)])
}

/** A text as an identifier. Okta writes `unknown` where there is none. */
export function knownOf(value: unknown): string | undefined {
  const text = identifierOf(value)
  return text?.toLowerCase() === 'unknown' ? undefined : text
}

/** Names of members that lead to a place within a record. */
export type Place = readonly string[]

/**
 * An object without the values at some places; what becomes empty thereby is left out as well, and so are
 * members that are undefined. Undefined when nothing is left.
 *
 * @example
 * ```ts
 * withoutPlaces({ a: { b: 1 }, c: { d: 2, e: 3 } }, [['a', 'b'], ['c', 'd']]) // { c: { e: 3 } }
 * ```
 */
export function withoutPlaces(fields: Fields, places: readonly Place[]): Fields | undefined {
  const left = Object.entries(fields).flatMap(([key, value]): (readonly [string, unknown])[] => {
    if (value === undefined) return []
    const below = places.filter(place => place[0] === key).map(place => place.slice(1))
    if (below.length === 0) return [[key, value]]
    if (below.some(rest => rest.length === 0) || !isFields(value)) return []
    const part = withoutPlaces(value, below)
    return part === undefined ? [] : [[key, part]]
  })
  return left.length === 0 ? undefined : Object.fromEntries(left)
}
