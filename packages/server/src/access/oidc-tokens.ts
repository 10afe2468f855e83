import { AnnalsError } from 'annals/model'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import { HttpError } from '../http/problem.ts'
import type { OidcIssuer } from '../settings/oidc-setting.ts'
import { isOwn, permissionsOf, scopeOf } from './assignment.ts'
import type { Scheme } from './authenticate.ts'
import { IssuerKeys } from './issuer-keys.ts'
import type { Principal } from './principal.ts'
import { understand } from './token-claims.ts'

/** How far clocks may be apart, seconds. */
const TOLERANCE_SECONDS = 30

interface Issuer {
  readonly settings: OidcIssuer
  readonly keys: IssuerKeys
}

/** Tokens of issuers that the settings name: OpenID Connect, or any JWT (RFC 7519) whose keys are published. */
export class OidcTokens implements Scheme {
  readonly #issuers: ReadonlyMap<string, Issuer>
  readonly #onFault: (error: HttpError) => void
  readonly #now: () => number

  /** @param onFault told when an issuer does not answer */
  constructor(
    issuers: readonly OidcIssuer[],
    onFault: (error: HttpError) => void = () => {},
    now: () => number = Date.now,
  ) {
    this.#issuers = new Map(
      issuers.map(settings => [settings.issuer, { settings, keys: new IssuerKeys(settings, now) }]),
    )
    this.#onFault = onFault
    this.#now = now
  }

  async principalOf(token: string): Promise<Principal | undefined> {
    const issuer = this.#issuerOf(token)
    if (issuer === undefined) return undefined
    const { settings } = issuer
    const payload = await this.#verified(token, issuer)
    const { role, assignment, subject, name } = understand(payload, settings)
    const scope = scopeOf(role, assignment)
    return {
      actor: {
        ...subject,
        ...(name === undefined ? {} : { name }),
        credential: { type: 'jwt', id: settings.issuer.slice(0, 512) },
      },
      role: role.name,
      permissions: new Set(permissionsOf(role, assignment)),
      scope,
      own: isOwn(scope),
      tenant: assignment.tenant,
      project: assignment.project,
      credential: `jwt:${settings.issuer}:${subject.id}`,
      expiresAt: ((payload.exp ?? 0) + TOLERANCE_SECONDS) * 1000,
    }
  }

  /** The issuer that a token names; nothing else in it is looked at before its signature is checked. */
  #issuerOf(token: string): Issuer | undefined {
    if (this.#issuers.size === 0) return undefined
    try {
      const { iss } = decodeJwt(token)
      return iss === undefined ? undefined : this.#issuers.get(iss)
    } catch {
      return undefined
    }
  }

  async #verified(token: string, { settings, keys }: Issuer): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys.find, {
        issuer: settings.issuer,
        audience: [...settings.audience],
        algorithms: [...settings.algorithms],
        clockTolerance: TOLERANCE_SECONDS,
        requiredClaims: ['exp'],
        currentDate: new Date(this.#now()),
      })
      return payload
    } catch (error) {
      if (error instanceof HttpError) {
        this.#onFault(error)
        throw error
      }
      throw new AnnalsError('ANNALS_UNAUTHENTICATED', 'The token is not valid.', { hint: hintOf(error) })
    }
  }
}

/** What may be said to one whose token is refused: nothing that helps to forge one. */
function hintOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'It has expired: sign in again.'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'It is meant for another audience.'
    if (error.claim === 'nbf') return 'It is not valid yet.'
    return `Its claim "${error.claim}" is missing or wrong.`
  }
  return 'Sign in again.'
}
