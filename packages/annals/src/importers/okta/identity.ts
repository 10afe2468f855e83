import type { Actor } from '../../model/index.ts'
import { type Fields, fieldsOf, isFields, slug, without } from '../fields.ts'
import { knownOf } from './members.ts'

const TYPES: ReadonlyMap<string, string> = new Map([['SystemPrincipal', 'system']])
const PERSONS: ReadonlySet<unknown> = new Set(['User', 'AppUser'])

/** Whether it is a person's account. Of these `alternateId` is the login; of others it is one more id. */
export function isPerson(identity: Fields): boolean {
  return PERSONS.has(identity['type'])
}

/**
 * A type of Okta in words: `AppInstance` -> `app-instance`, `URL Pattern` -> `url-pattern`; `SystemPrincipal` is `system`.
 *
 * @example
 * ```ts
 * typeOf('PublicClientApp') // 'public-client-app'
 * ```
 */
export function typeOf(type: unknown): string | undefined {
  const text = knownOf(type)
  if (text === undefined) return undefined
  return TYPES.get(text) ?? slug(text.replace(/([a-z0-9])([A-Z])/g, '$1-$2'))
}

/** What an actor or a target is called: of users the login, of others the display name; failing one, the other. */
export function nameOf(identity: Fields): string | undefined {
  const [login, shown] = [knownOf(identity['alternateId']), knownOf(identity['displayName'])]
  return isPerson(identity) ? (login ?? shown) : (shown ?? login)
}

/**
 * Who acted. The credential is the API token that was used, by its id. Somebody whom Okta did not know (id `unknown`) has no
 * name: what was typed as one at a sign-in that failed may be a password, so it is not made searchable.
 */
export function actorOf(record: Fields): Actor {
  const identity = fieldsOf(record['actor'])
  const id = knownOf(identity['id'])
  if (id === undefined) return { type: 'unknown', id: '' }
  const name = nameOf(identity)
  const token = knownOf(fieldsOf(fieldsOf(record['transaction'])['detail'])['requestApiTokenId'])
  return {
    type: typeOf(identity['type']) ?? 'unknown',
    id,
    ...(name !== undefined && { name }),
    ...(token !== undefined && { credential: { type: 'api-token', id: token } }),
  }
}

/**
 * What `actor` does not hold of the source's. While a further name or a detail is left, the id stays beside it, so that an
 * erasure of the person finds it there.
 */
export function actorLeft(identity: unknown, actor: Actor): unknown {
  if (!isFields(identity) || actor.id === '') return identity
  const used = new Set(['alternateId', 'displayName'].filter(key => identity[key] === actor.name))
  const more = Object.entries(identity).some(
    ([key, value]) => key !== 'id' && key !== 'type' && !used.has(key) && knownMore(value),
  )
  if (!more) used.add('id')
  return without(identity, used)
}

function knownMore(value: unknown): boolean {
  return value !== null && value !== undefined && value !== 'unknown'
}
