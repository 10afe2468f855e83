import type { Person } from '../log/key-store.ts'
import { type Actor, AnnalsError, DEFAULT_LIMITS, didYouMean, isPlain } from '../model/index.ts'

/** Members of a request as they came from outside. Messages name the path and never quote a value. */
export type Members = Readonly<Record<string, unknown>>

/** Longest reason or legal basis, in characters. */
const LONGEST = 2_000

/** A refusal of a request that names the place. */
export function invalidRequest(path: string, what: string, hint?: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path === '' ? 'The request' : path} ${what}.`, {
    path,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** The JSON pointer of a member (RFC 6901). */
export function pathTo(path: string, member: string): string {
  return `${path}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * Takes a request, or an object within one, for an object that has no members but these.
 *
 * @param path JSON pointer of the object; the request itself is the empty text
 * @throws AnnalsError ANNALS_INVALID
 */
export function requestMembers(value: unknown, known: readonly string[], path = ''): Members {
  if (!isPlain(value)) throw invalidRequest(path, 'must be an object')
  const strange = Object.keys(value).find(name => !known.includes(name))
  if (strange !== undefined) {
    const hint = didYouMean(strange, known) ?? `known: ${known.join(', ') || 'nothing'}`
    throw invalidRequest(pathTo(path, strange), 'is not known', hint)
  }
  return value
}

/** A text that is not empty. @throws AnnalsError ANNALS_INVALID */
export function requiredText(members: Members, name: string, longest: number = LONGEST): string {
  const value = members[name]
  if (typeof value !== 'string' || value.trim() === '') throw invalidRequest(`/${name}`, 'must be a text')
  if (value.length > longest) throw invalidRequest(`/${name}`, `must have at most ${longest} characters`)
  if (!value.isWellFormed()) throw invalidRequest(`/${name}`, 'must be well-formed')
  return value
}

/** A text that is not empty, if there is one. @throws AnnalsError ANNALS_INVALID */
export function optionalText(members: Members, name: string, longest?: number): string | undefined {
  return members[name] === undefined ? undefined : requiredText(members, name, longest)
}

/** True or false; false when absent. @throws AnnalsError ANNALS_INVALID */
export function optionalFlag(members: Members, name: string): boolean {
  const value = members[name]
  if (value !== undefined && typeof value !== 'boolean')
    throw invalidRequest(`/${name}`, 'must be true or false')
  return value === true
}

/** What `take` makes of each element of a list; undefined when there is no list. @throws AnnalsError ANNALS_INVALID */
export function optionalList<T>(
  members: Members,
  name: string,
  take: (value: unknown, path: string) => T,
): readonly T[] | undefined {
  const value = members[name]
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length === 0)
    throw invalidRequest(`/${name}`, 'must be an array that is not empty')
  return value.map((one, i) => take(one, `/${name}/${i}`))
}

/** A person: type and id. @throws AnnalsError ANNALS_INVALID */
export function takePerson(value: unknown, path: string): Person {
  const { type, id } = requestMembers(value, ['type', 'id'], path)
  return { type: takeIdentifier(type, `${path}/type`), id: takeIdentifier(id, `${path}/id`) }
}

/** Who asked for an act; the log itself when nobody is named. @throws AnnalsError ANNALS_INVALID */
export function takeActor(members: Members): Actor {
  return members['actor'] === undefined
    ? { type: 'system', id: 'annals' }
    : takePerson(members['actor'], '/actor')
}

function takeIdentifier(value: unknown, path: string): string {
  const most = DEFAULT_LIMITS.identifierBytes
  if (typeof value !== 'string' || value === '' || !value.isWellFormed() || Buffer.byteLength(value) > most)
    throw invalidRequest(path, `must be a text of at most ${most} bytes`)
  return value
}
