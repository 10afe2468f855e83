import { AnnalsError } from 'annals/model'
import { checkAssignment } from './assignment.ts'
import { PERMITS, principalOfKey } from './key-principal.ts'
import { type ApiKey, KEY_SCOPES, type KeyScope, type NewKey, newKeySchema } from './key-schema.ts'
import type { Principal } from './principal.ts'
import { type Role, roleNamed } from './roles.ts'

/** Longest life of a key whose role is time-boxed, milliseconds: a year and a day. */
const LONGEST_BOX_MS = 366 * 86_400_000

/**
 * Checks a key that is asked for; times come back in UTC.
 *
 * @throws AnnalsError ANNALS_INVALID with the path, ANNALS_QUERY
 */
export function checkNew(given: NewKey, now: number): { readonly role: Role; readonly wanted: NewKey } {
  const parsed = newKeySchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw refuse(`/${(issue?.path ?? []).join('/')}`, issue?.message ?? 'is not valid')
  }
  const wanted = parsed.data
  const { expiresAt, scopes } = wanted
  const role = roleNamed(wanted.role) as Role
  const all = scopesOf(role)
  if (scopes?.some(scope => !all.includes(scope)))
    throw refuse('/scopes', `the role ${role.name} has ${all.join(', ')}`)
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) throw refuse('/expiresAt', 'has passed')
  if (role.timeBoxed && !(expiresAt !== undefined && Date.parse(expiresAt) <= now + LONGEST_BOX_MS))
    throw refuse('/expiresAt', `the role ${role.name} needs it, at most a year ahead`)
  checkAssignment(role, wanted)
  return { role, wanted }
}

/**
 * Whoever makes a key cannot give what they do not have: no permission, and no longer life than their own key's.
 *
 * @throws AnnalsError ANNALS_DENIED with the path
 */
export function checkGrant(key: ApiKey, by: Principal): void {
  const { permissions, expiresAt } = principalOfKey(key)
  const more = [...permissions].find(permission => !by.permissions.has(permission))
  if (more !== undefined) throw denied('/scopes', `You cannot give the permission "${more}".`)
  if (permissions.size === 0) throw denied('/scopes', 'Nothing is left that you could give.')
  // A session ends in an hour, and what an operator has set up in it stays; a key with an end was given for a time.
  const isKey = by.credential.startsWith('key:')
  if (isKey && by.expiresAt !== undefined && (expiresAt ?? Number.POSITIVE_INFINITY) > by.expiresAt)
    throw denied('/expiresAt', 'A key cannot outlive the one it is made with.')
}

/** The scopes of a key that names none: all that its role has, as far as its maker may give them. */
export function scopesGiven(role: Role, by: Principal | undefined): readonly KeyScope[] {
  return scopesOf(role).filter(scope => by === undefined || has(by, scope))
}

function has(by: Principal, scope: KeyScope): boolean {
  return PERMITS[scope].every(permission => by.permissions.has(permission))
}

function scopesOf(role: Role): readonly KeyScope[] {
  return KEY_SCOPES.filter(scope => PERMITS[scope].some(permission => role.permissions.includes(permission)))
}

function refuse(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path}: ${what}`, { path })
}

function denied(path: string, message: string): AnnalsError {
  return new AnnalsError('ANNALS_DENIED', message, { path })
}
