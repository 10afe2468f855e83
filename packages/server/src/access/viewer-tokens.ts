import { randomUUID } from 'node:crypto'
import { AnnalsError } from 'annals/model'
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { isOwn } from './assignment.ts'
import type { Scheme } from './authenticate.ts'
import type { Revocations } from './credentials.ts'
import type { Principal } from './principal.ts'
import type { Revocation, RevocationList } from './revocation-list.ts'
import type { TokenChange, TokenLog } from './token-log.ts'
import { type Person, viewerClaimsSchema } from './viewer-claims.ts'
import { claimsOf, mintOf, subjectName, VIEWER_SECONDS, type WantedViewerToken } from './viewer-grant.ts'

const AUDIENCE = 'annals-viewer'
/** Tells it from the tokens of other issuers before anything in it is believed (RFC 8725, 3.11). */
const TYPE = 'annals-viewer+jwt'
/** Longest token that is made: it has to fit into a header with others. */
const LONGEST_TOKEN = 7_000

/** A token that was made. */
export interface MintedToken {
  readonly token: string
  readonly id: string
  readonly expiresAt: string
}

/**
 * Short-lived tokens for somebody's page: made by who holds a key, signed by the server's secret, kept nowhere. A token is
 * within the scope of its maker, whatever it says, and ends with the key that made it.
 */
export class ViewerTokens implements Scheme, Revocations {
  readonly #secret: Uint8Array
  readonly #issuer: string
  readonly #revoked: RevocationList
  readonly #log: TokenLog
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()

  /** @param issuer origin of the log */
  constructor(
    secret: Uint8Array,
    issuer: string,
    revoked: RevocationList,
    log: TokenLog,
    now: () => number = Date.now,
  ) {
    this.#secret = secret
    this.#issuer = issuer
    this.#revoked = revoked
    this.#log = log
    this.#now = now
  }

  onRevoke(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /**
   * Makes a token; that it was made is recorded first.
   *
   * @throws AnnalsError ANNALS_DENIED for more than the maker has; ANNALS_INVALID, ANNALS_QUERY, ANNALS_LIMIT; what recording throws
   */
  async mint(by: Principal, wanted: WantedViewerToken): Promise<MintedToken> {
    const claims = claimsOf(by, wanted)
    const now = this.#now()
    const { ttlSeconds = VIEWER_SECONDS } = wanted
    const end = Math.min(now + ttlSeconds * 1000, by.expiresAt ?? Number.POSITIVE_INFINITY)
    const id = randomUUID()
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: TYPE })
      .setIssuer(this.#issuer)
      .setAudience(AUDIENCE)
      .setJti(id)
      .setIssuedAt(now / 1000)
      .setExpirationTime(end / 1000)
      .sign(this.#secret)
    if (token.length > LONGEST_TOKEN) {
      throw new AnnalsError('ANNALS_LIMIT', `The token would be longer than ${LONGEST_TOKEN} characters.`, {
        hint: 'Use a shorter filter, or fewer masks.',
      })
    }
    const expiresAt = new Date(end).toISOString()
    await this.#log.record(mintOf(id, claims, expiresAt), by)
    return { token, id, expiresAt }
  }

  /**
   * Ends every token that is out for somebody: as `me`, as who looks, or as who made it. One who does not operate the log ends
   * those that they made themselves.
   */
  async revokeSubject(subject: Person, by: Principal): Promise<Revocation> {
    const maker = by.permissions.has('operate') ? undefined : by.credential
    const change: TokenChange = {
      change: 'revoke-subject',
      targets: [{ type: subject.type, id: subject.id, role: 'subject' }],
      facts: { maker },
    }
    await this.#log.record(change, by)
    let revocation: Revocation
    try {
      revocation = await this.#revoked.add(subjectName(subject), maker)
    } catch (error) {
      await this.#log.failed(change, by)
      throw new AnnalsError('ANNALS_STORE', 'What was ended could not be saved.', { cause: error })
    }
    for (const listener of this.#listeners) listener()
    return revocation
  }

  async principalOf(token: string): Promise<Principal | undefined> {
    if (!isViewerToken(token)) return undefined
    const principal = await this.#read(token)
    if ((principal.expiresAt ?? 0) <= this.#now() || this.isRevoked(principal)) throw invalid()
    return principal
  }

  isRevoked({ credential, basis = [], issuedAt }: Principal): boolean {
    if (!credential.startsWith('viewer:')) return false
    return this.#revoked.covers(basis, basis, issuedAt ?? 0)
  }

  async #read(token: string): Promise<Principal> {
    let payload: unknown
    try {
      const verified = await jwtVerify(token, this.#secret, {
        algorithms: ['HS256'],
        typ: TYPE,
        issuer: this.#issuer,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'jti'],
        currentDate: new Date(this.#now()),
      })
      payload = verified.payload
    } catch {
      throw invalid()
    }
    const parsed = viewerClaimsSchema.safeParse(payload)
    if (!parsed.success) throw invalid()
    const { jti, iat, exp, scope, permissions, actor, basis, tenant, project } = parsed.data
    return {
      actor: { ...actor, credential: { type: 'viewer-token', id: jti } } as Principal['actor'],
      role: 'viewer',
      permissions: new Set(permissions),
      scope,
      own: isOwn(scope),
      tenant,
      project,
      credential: `viewer:${jti}`,
      basis,
      issuedAt: Math.round(iat * 1000),
      expiresAt: Math.round(exp * 1000),
    }
  }
}

function isViewerToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === TYPE
  } catch {
    return false
  }
}

function invalid(): AnnalsError {
  return new AnnalsError('ANNALS_UNAUTHENTICATED', 'The viewer token is not valid.', {
    hint: 'It lives for at most 15 minutes, and ends with the key that made it: get another.',
  })
}
