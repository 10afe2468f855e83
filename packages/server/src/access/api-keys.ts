import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { AnnalsError } from 'annals/model'
import { parseQuery } from 'annals/query'
import type { Scheme } from './authenticate.ts'
import type { KeyFile } from './key-file.ts'
import type { Permission } from './permission.ts'
import type { Principal } from './principal.ts'
import { type Assignment, type Role, type RoleName, roleNamed, scopeOf } from './roles.ts'

/** What an API key may be given of the permissions of its role. */
export type KeyScope = 'record' | 'read' | 'export' | 'verify' | 'operate'

/** An API key as it is kept: the secret is not in it. */
export interface ApiKey extends Assignment {
  /** 16 hex characters. */
  readonly id: string
  /** For people. */
  readonly name: string
  readonly role: RoleName
  readonly scopes: readonly KeyScope[]
  /** SHA-256 of the secret, hex: the secret has 256 random bits, so nothing slower is needed. */
  readonly hash: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly expiresAt?: string | undefined
  readonly revokedAt?: string | undefined
}

/** What a new key is to be. */
export interface NewKey extends Assignment {
  readonly name: string
  readonly role: RoleName
  /** @defaultValue all that the role has */
  readonly scopes?: readonly KeyScope[] | undefined
  readonly expiresAt?: string | undefined
}

/** What each scope of a key permits. */
const PERMITS: Readonly<Record<KeyScope, readonly Permission[]>> = {
  record: ['record'],
  read: ['read', 'tail', 'mint'],
  export: ['export'],
  verify: ['verify'],
  operate: ['operate'],
}

/** Every scope of a key. */
export const KEY_SCOPES: readonly KeyScope[] = ['record', 'read', 'export', 'verify', 'operate']

/** Begins every key, so that scanners find those that leaked. */
const PREFIX = 'annals'
const FORM = /^annals_([\da-f]{16})_([\w-]{43})$/

/** Long-lived keys of programs and operators; kept hashed, compared in constant time. */
export class ApiKeys implements Scheme {
  readonly #file: KeyFile
  readonly #keys: Map<string, ApiKey>
  readonly #now: () => number

  private constructor(file: KeyFile, keys: readonly ApiKey[], now: () => number) {
    this.#file = file
    this.#keys = new Map(keys.map(key => [key.id, key]))
    this.#now = now
  }

  static async open(file: KeyFile, now: () => number = Date.now): Promise<ApiKeys> {
    return new ApiKeys(file, await file.load(), now)
  }

  get list(): readonly ApiKey[] {
    return [...this.#keys.values()]
  }

  /** Makes a key; its secret is in the text that is returned, and nowhere else. @throws AnnalsError ANNALS_INVALID */
  async create(wanted: NewKey): Promise<{ readonly key: ApiKey; readonly token: string }> {
    const role = checkNew(wanted)
    const secret = randomBytes(32).toString('base64url')
    const key: ApiKey = {
      ...wanted,
      id: randomBytes(8).toString('hex'),
      scopes: wanted.scopes ?? scopesOf(role),
      hash: hashOf(secret),
      createdAt: new Date(this.#now()).toISOString(),
    }
    await this.#save([...this.list, key])
    return { key, token: `${PREFIX}_${key.id}_${secret}` }
  }

  /** Ends a key for ever. @throws AnnalsError ANNALS_NOT_FOUND */
  async revoke(id: string): Promise<ApiKey> {
    const key = this.#keys.get(id)
    if (key === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', 'There is no key with this id.')
    if (key.revokedAt !== undefined) return key
    const revoked = { ...key, revokedAt: new Date(this.#now()).toISOString() }
    await this.#save(this.list.map(one => (one.id === id ? revoked : one)))
    return revoked
  }

  async principalOf(token: string): Promise<Principal | undefined> {
    const [, id, secret] = FORM.exec(token) ?? []
    if (id === undefined || secret === undefined) return undefined
    const key = this.#keys.get(id)
    // An unknown key costs as much as a wrong one.
    const isRight = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(key?.hash ?? hashOf(id)))
    if (key === undefined || !isRight || key.revokedAt !== undefined) throw invalid()
    const expiresAt = key.expiresAt === undefined ? undefined : Date.parse(key.expiresAt)
    if (expiresAt !== undefined && expiresAt <= this.#now()) throw invalid()
    return principalOfKey(key, expiresAt)
  }

  async #save(keys: readonly ApiKey[]): Promise<void> {
    await this.#file.save(keys)
    this.#keys.clear()
    for (const key of keys) this.#keys.set(key.id, key)
  }
}

function principalOfKey(key: ApiKey, expiresAt: number | undefined): Principal {
  const role = roleNamed(key.role) as Role
  const permitted = new Set(key.scopes.flatMap(scope => PERMITS[scope]))
  return {
    actor: { type: 'key', id: key.id, name: key.name },
    role: key.role,
    permissions: new Set(role.permissions.filter(permission => permitted.has(permission))),
    scope: scopeOf(role, key),
    own: key.role === 'user',
    tenant: key.tenant,
    project: key.project,
    credential: `key:${key.id}`,
    expiresAt,
  }
}

function checkNew({ name, role: roleName, scopes, expiresAt, ...assignment }: NewKey): Role {
  const role = roleNamed(roleName)
  if (role === undefined) throw refuse('/role', 'there is no such role')
  if (name.trim() === '' || name.length > 200) throw refuse('/name', 'must have 1 to 200 characters')
  if (scopes?.some(scope => !KEY_SCOPES.includes(scope)))
    throw refuse('/scopes', `must be of ${KEY_SCOPES.join(', ')}`)
  if (expiresAt !== undefined && Number.isNaN(Date.parse(expiresAt)))
    throw refuse('/expiresAt', 'must be a time')
  if (assignment.filter !== undefined) parseQuery(assignment.filter)
  for (const need of role.needs)
    if (assignment[need] === undefined) throw refuse(`/${need}`, `the role ${role.name} needs it`)
  return role
}

function scopesOf(role: Role): readonly KeyScope[] {
  return KEY_SCOPES.filter(scope => PERMITS[scope].some(permission => role.permissions.includes(permission)))
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function refuse(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path}: ${what}`, { path })
}

function invalid(): AnnalsError {
  return new AnnalsError('ANNALS_UNAUTHENTICATED', 'The token is not valid.', {
    hint: 'It may have been revoked or have expired.',
  })
}
