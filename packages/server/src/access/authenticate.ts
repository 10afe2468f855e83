import { AnnalsError } from 'annals/model'
import type { Revocations } from './credentials.ts'
import type { Principal } from './principal.ts'

/** A kind of credential. */
export interface Scheme {
  /** The principal of a bearer token; undefined when the token is not of this kind. @throws AnnalsError ANNALS_UNAUTHENTICATED when it is, and not valid */
  principalOf(token: string): Promise<Principal | undefined>
}

/** Finds out who asks from the value of `Authorization`. @throws AnnalsError ANNALS_UNAUTHENTICATED */
export type Authenticate = (authorization: string | undefined) => Promise<Principal>

const BEARER = /^Bearer ([\w.~+/=-]{1,8192})$/i

/**
 * Authentication by bearer tokens of these kinds, asked in order.
 *
 * @param revocations asked as well: a token that was made with another ends with it
 */
export function authenticateBy(
  schemes: readonly Scheme[],
  revocations: Pick<Revocations, 'isRevoked'>,
): Authenticate {
  return async authorization => {
    const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
    if (token === undefined) {
      throw new AnnalsError('ANNALS_UNAUTHENTICATED', 'This needs a token.', {
        hint: 'Send it as "Authorization: Bearer TOKEN".',
      })
    }
    for (const scheme of schemes) {
      const principal = await scheme.principalOf(token)
      if (principal === undefined) continue
      if (revocations.isRevoked(principal)) break
      return principal
    }
    throw new AnnalsError('ANNALS_UNAUTHENTICATED', 'The token is not valid.', {
      hint: 'It may have been revoked, or be one of another server.',
    })
  }
}
