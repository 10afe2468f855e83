import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { AnnalsError } from 'annals/model'
import { checkAssignment } from './assignment.ts'
import type { Scheme } from './authenticate.ts'
import type { Revocations } from './credentials.ts'
import type { KeyFile } from './key-file.ts'
import { principalOfKey } from './key-principal.ts'
import type { ApiKey, NewKey } from './key-schema.ts'
import { checkGrant, checkNew, scopesGiven } from './new-key.ts'
import type { Principal } from './principal.ts'
import { Queue } from './queue.ts'
import { type Role, roleNamed } from './roles.ts'
import { type By, cutQuery, SERVER, type TokenChange, type TokenLog } from './token-log.ts'

/** Most keys that are kept; those that have ended make room for new ones. */
export const MAX_KEYS = 10_000
/** How finely the last use of a key is told, milliseconds. */
const USE_MS = 60_000

/** Begins every key, so that scanners find those that leaked. */
const PREFIX = 'annals'
const FORM = /^annals_([\da-f]{16})_([\w-]{43})$/
/** Stands in for the hash of a key that is not there. */
const NO_HASH = '0'.repeat(64)

/** Long-lived keys of programs and operators; kept hashed, compared in constant time, changed only once that is recorded. */
export class ApiKeys implements Scheme, Revocations {
  readonly #file: KeyFile
  readonly #log: TokenLog
  readonly #now: () => number
  #keys: ReadonlyMap<string, ApiKey>
  readonly #used = new Map<string, number>()
  readonly #changes = new Queue()
  readonly #listeners = new Set<() => void>()

  private constructor(file: KeyFile, log: TokenLog, keys: readonly ApiKey[], now: () => number) {
    this.#file = file
    this.#log = log
    this.#keys = byId(keys)
    this.#now = now
  }

  /** @throws AnnalsError when a key that is kept is not understood, or could be read by others */
  static async open(file: KeyFile, log: TokenLog, now: () => number = Date.now): Promise<ApiKeys> {
    const keys = await file.load()
    for (const key of keys) checkAssignment(roleNamed(key.role) as Role, key)
    return new ApiKeys(file, log, keys, now)
  }

  get list(): readonly ApiKey[] {
    return [...this.#keys.values()]
  }

  /** When a key was last used, to the minute; undefined when it was not since the server started. */
  lastUsed(id: string): string | undefined {
    const at = this.#used.get(id)
    return at === undefined ? undefined : new Date(at).toISOString()
  }

  onRevoke(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /**
   * Makes a key; its secret is in the text that is returned, and nowhere else.
   *
   * @param by who makes it: it cannot be given more than they have. @defaultValue the server itself, which may all
   * @throws AnnalsError ANNALS_INVALID, ANNALS_QUERY, ANNALS_DENIED, ANNALS_LIMIT, and what recording throws
   */
  create(
    wanted: NewKey,
    by: By | Principal = SERVER,
  ): Promise<{ readonly key: ApiKey; readonly token: string }> {
    return this.#changes.run(async () => {
      const secret = randomBytes(32).toString('base64url')
      const key = this.#newKey(wanted, secret, 'permissions' in by ? by : undefined)
      const kept = [...this.#room(), key]
      await this.#change(changeOf('create', key), by, kept)
      return { key, token: `${PREFIX}_${key.id}_${secret}` }
    })
  }

  /**
   * Ends a key for ever, and every stream and viewer token that was made with it.
   *
   * @throws AnnalsError ANNALS_NOT_FOUND; ANNALS_CONFLICT for the last key that could make another
   */
  revoke(id: string, by: By = SERVER): Promise<ApiKey> {
    return this.#changes.run(async () => {
      const key = this.#keys.get(id)
      if (key === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', 'There is no key with this id.')
      if (key.revokedAt !== undefined) return key
      if (this.#isLastOperator(key)) {
        throw new AnnalsError('ANNALS_CONFLICT', 'This is the last key that can manage keys.', {
          hint: 'Make another first.',
        })
      }
      const revoked = { ...key, revokedAt: new Date(this.#now()).toISOString() }
      const kept = this.list.map(one => (one.id === id ? revoked : one))
      await this.#change(changeOf('revoke', key), by, kept)
      for (const listener of this.#listeners) listener()
      return revoked
    })
  }

  async principalOf(token: string): Promise<Principal | undefined> {
    const [, id, secret] = FORM.exec(token) ?? []
    if (id === undefined || secret === undefined) return undefined
    const key = this.#keys.get(id)
    // An unknown key costs as much as a wrong one.
    const isRight = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(key?.hash ?? NO_HASH))
    if (key === undefined || !isRight || this.#hasEnded(key)) throw invalid()
    const now = this.#now()
    this.#used.set(id, now - (now % USE_MS))
    return principalOfKey(key)
  }

  isRevoked({ credential, basis = [] }: Principal): boolean {
    return [credential, ...basis].some(name => {
      if (!name.startsWith('key:')) return false
      const key = this.#keys.get(name.slice('key:'.length))
      return key === undefined || this.#hasEnded(key)
    })
  }

  #newKey(given: NewKey, secret: string, by: Principal | undefined): ApiKey {
    const { role, wanted } = checkNew(given, this.#now())
    const scopes = wanted.scopes ?? scopesGiven(role, by)
    const key: ApiKey = {
      ...wanted,
      id: randomBytes(8).toString('hex'),
      scopes,
      hash: hashOf(secret),
      createdAt: new Date(this.#now()).toISOString(),
    }
    if (by !== undefined) checkGrant(key, by)
    return key
  }

  /** The keys that are kept when one more comes. */
  #room(): readonly ApiKey[] {
    const keys = this.list
    if (keys.length < MAX_KEYS) return keys
    const ended = keys.findIndex(key => this.#hasEnded(key))
    if (ended < 0) {
      throw new AnnalsError('ANNALS_LIMIT', `There are ${MAX_KEYS} keys already.`, {
        hint: 'Revoke some, or give people viewer tokens.',
      })
    }
    return keys.toSpliced(ended, 1)
  }

  async #change(change: TokenChange, by: By, kept: readonly ApiKey[]): Promise<void> {
    await this.#log.record(change, by)
    try {
      await this.#file.save(kept)
    } catch (error) {
      await this.#log.failed(change, by)
      throw new AnnalsError('ANNALS_STORE', 'The keys could not be saved.', { cause: error })
    }
    this.#keys = byId(kept)
    for (const id of this.#used.keys()) if (!this.#keys.has(id)) this.#used.delete(id)
  }

  #hasEnded({ revokedAt, expiresAt }: ApiKey): boolean {
    return revokedAt !== undefined || (expiresAt !== undefined && Date.parse(expiresAt) <= this.#now())
  }

  #isLastOperator(key: ApiKey): boolean {
    const operates = (one: ApiKey): boolean =>
      !this.#hasEnded(one) && principalOfKey(one).permissions.has('operate')
    return operates(key) && !this.list.some(one => one.id !== key.id && operates(one))
  }
}

function changeOf(
  change: 'create' | 'revoke',
  { hash: _, id, name, filter, subject, ...key }: ApiKey,
): TokenChange {
  const about = subject === undefined ? [] : [{ ...subject, role: 'subject' }]
  return {
    change,
    targets: [{ type: 'key', id, name }, ...about],
    facts: { ...key, ...(filter === undefined ? {} : { filter: cutQuery(filter) }) },
  }
}

function byId(keys: readonly ApiKey[]): ReadonlyMap<string, ApiKey> {
  return new Map(keys.map(key => [key.id, key]))
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function invalid(): AnnalsError {
  return new AnnalsError('ANNALS_UNAUTHENTICATED', 'The token is not valid.', {
    hint: 'It may have been revoked or have expired.',
  })
}
