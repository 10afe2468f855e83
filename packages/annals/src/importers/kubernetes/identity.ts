import type { Actor, Credential } from '../../model/index.ts'
import { type Fields, fieldsOf, identifierOf, isFields, listOf, without } from '../fields.ts'

const SERVICE_ACCOUNT = 'system:serviceaccount:'

/**
 * Who made a request: the authenticated user, on behalf of the impersonated one where there is one. Service accounts are
 * `service`, nodes `node`, `system:anonymous` is `anonymous`, other `system:` names are `system`, the rest are `user`. The id is
 * the user name, which is what Kubernetes grants rights to.
 */
export function actorOf(user: Fields, impersonated: unknown): Actor {
  const actor = identityOf(user)
  if (!isFields(impersonated)) return actor
  return { ...actor, onBehalfOf: identityOf(impersonated) }
}

/** What `actor` does not hold of a user: groups, uid and other claims, without the name. */
export function userLeft(user: Fields): Fields | undefined {
  return without(user, identifierOf(user['username']) === undefined ? new Set() : new Set(['username']))
}

function identityOf(user: Fields): Actor {
  const id = identifierOf(user['username'])
  if (id === undefined) return { type: 'unknown', id: '' }
  const credential = credentialOf(fieldsOf(user['extra']))
  const known = kindOf(id)
  return { type: known.type, id, name: known.name, ...(credential !== undefined && { credential }) }
}

function kindOf(username: string): { readonly type: string; readonly name: string } {
  if (username.startsWith(SERVICE_ACCOUNT))
    return { type: 'service', name: username.slice(SERVICE_ACCOUNT.length).replace(':', '/') }
  if (username.startsWith('system:node:'))
    return { type: 'node', name: username.slice('system:node:'.length) }
  if (username === 'system:anonymous') return { type: 'anonymous', name: username }
  return { type: username.startsWith('system:') ? 'system' : 'user', name: username }
}

function credentialOf(extra: Fields): Credential | undefined {
  // `JTI=<id of a token>` or `X509SHA256=<digest of a certificate>` (KEP-4193)
  const proof = identifierOf(listOf(extra['authentication.kubernetes.io/credential-id'])[0])
  if (proof !== undefined) {
    const [kind = '', ...id] = proof.split('=')
    if (id.join('=') !== '') return { type: kind === 'JTI' ? 'token' : kind.toLowerCase(), id: id.join('=') }
  }
  // AWS IAM authenticator
  const accessKey = identifierOf(listOf(extra['accessKeyId'])[0])
  return accessKey === undefined ? undefined : { type: 'accessKey', id: accessKey }
}
