import { AnnalsError } from 'annals/model'
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose'
import { HttpError } from '../http/problem.ts'
import { isSafe, type OidcIssuer } from '../settings/oidc-setting.ts'

/** How long an issuer may take, milliseconds. */
const TIMEOUT_MS = 5_000
/** How long an issuer that did not answer is left alone, milliseconds. */
const REST_MS = 10_000
/** Largest description of an issuer, bytes. */
const LARGEST = 256 * 1024

/**
 * The public keys of an issuer, fetched when they are first needed and when a token names one that is not known: at most once
 * in `cooldownSeconds`, so that made-up tokens cannot make this server ask at will.
 */
export class IssuerKeys {
  readonly #settings: OidcIssuer
  readonly #now: () => number
  #keys: Promise<RemoteJWKSet> | undefined
  #restsUntil = 0

  constructor(settings: OidcIssuer, now: () => number = Date.now) {
    this.#settings = settings
    this.#now = now
  }

  /** The key that a token is signed with. @throws HttpError 503 when the issuer does not answer */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const rests = this.#now() < this.#restsUntil
    if (rests && this.#keys === undefined) throw this.#unavailable()
    try {
      this.#keys ??= this.#open()
      const keys = await this.#keys
      const known = keys.jwks()
      if (!rests) return await keys(header, token)
      if (known === undefined || !keys.fresh) throw this.#unavailable()
      return await createLocalJWKSet(known)(header, token)
    } catch (error) {
      if (error instanceof HttpError || isOfToken(error)) throw error
      this.#restsUntil = this.#now() + REST_MS
      throw this.#unavailable(error)
    }
  }

  async #open(): Promise<RemoteJWKSet> {
    try {
      const uri = this.#settings.jwksUri ?? (await this.#discover())
      return createRemoteJWKSet(new URL(uri), {
        timeoutDuration: TIMEOUT_MS,
        cooldownDuration: this.#settings.cooldownSeconds * 1000,
      })
    } catch (error) {
      this.#keys = undefined
      throw error
    }
  }

  /** OpenID Connect Discovery 1.0, section 4. */
  async #discover(): Promise<string> {
    const { issuer, allowHttp } = this.#settings
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { Accept: 'application/json' },
    })
    if (!response.ok) throw new Error(`the issuer answered ${response.status}`)
    const described: unknown = JSON.parse(await textOf(response))
    const { issuer: named, jwks_uri: uri } = described as Readonly<Record<string, unknown>>
    if (named !== issuer) throw new Error('the issuer calls itself something else')
    if (typeof uri !== 'string' || !isSafe(uri, allowHttp))
      throw new Error('the issuer names no safe jwks_uri')
    return uri
  }

  #unavailable(cause?: unknown): HttpError {
    const error = new HttpError(503, 'ANNALS_ISSUER_UNAVAILABLE', 'Tokens cannot be checked now.', {
      hint: 'The issuer of the token does not answer; try again later.',
    })
    error.cause = cause
    return error
  }
}

/** Whether the token is at fault, and not the issuer. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof AnnalsError ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.length
    if (length > LARGEST) throw new Error('the description of the issuer is too long')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
