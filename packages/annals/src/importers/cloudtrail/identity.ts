import type { Actor } from '../../model/index.ts'
import { type Fields, fieldsOf, fits, identifierOf, without } from '../fields.ts'

/** Actor types by `userIdentity.type`; others keep their name in lower case. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['IAMUser', 'user'],
  ['Root', 'root'],
  ['AssumedRole', 'session'],
  ['Role', 'role'],
  ['FederatedUser', 'user'],
  ['SAMLUser', 'user'],
  ['WebIdentityUser', 'user'],
  ['IdentityCenterUser', 'user'],
  ['Directory', 'directory'],
  ['AWSAccount', 'account'],
  ['AWSService', 'service'],
  ['Unknown', 'unknown'],
])

/**
 * The principal of a `userIdentity` element. Its id is the ARN; without one the principalId; of a service its host name; of an
 * account its number; else nothing, and the actor is `unknown`. A session (assumed role) and a federated user act on behalf of the
 * principal that issued their credentials, and that one on behalf of the Identity Center user, where there is one.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function actorOf(identity: Fields): Actor {
  const type = identifierOf(identity['type'])
  const principal = identifierOf(identity['arn']) ?? identifierOf(identity['principalId'])
  const service = identifierOf(identity['invokedBy'])
  const account = identifierOf(identity['accountId'])
  // Service events name only the service, sometimes without a type.
  if (principal === undefined && service !== undefined && (type === undefined || type === 'AWSService'))
    return { type: 'service', id: service, name: service }
  const id = principal ?? (type === 'AWSAccount' ? account : identifierOf(identity['userName']))
  if (id === undefined) return { type: 'unknown', id: '' }
  const name = nameOf(identity)
  const key = identifierOf(identity['accessKeyId']) ?? identifierOf(identity['credentialId'])
  const onBehalfOf = issuerOf(identity)
  return {
    type: type === undefined ? 'unknown' : (TYPES.get(type) ?? type.toLowerCase()),
    id,
    ...(name !== undefined && { name }),
    ...(key !== undefined && { credential: { type: 'accessKey', id: key } }),
    ...(onBehalfOf !== undefined && { onBehalfOf }),
  }
}

/** What `actor` does not hold: the element without its names and keys. */
export function identityLeft(identity: Fields): Fields | undefined {
  const used = new Set<string>()
  const arn = identifierOf(identity['arn'])
  const principalId = identifierOf(identity['principalId'])
  if (arn !== undefined) used.add('arn')
  // The principalId of a session repeats its issuer's and its own name, which may be that of a person.
  const issuer = identifierOf(fieldsOf(fieldsOf(identity['sessionContext'])['sessionIssuer'])['principalId'])
  if (
    principalId !== undefined &&
    (arn === undefined || principalId === `${issuer}:${arn.split('/').at(-1)}`)
  )
    used.add('principalId')
  const actor = actorOf(identity)
  if (actor.name === identity['userName'] || actor.id === identity['userName']) used.add('userName')
  for (const key of ['accessKeyId', 'credentialId']) if (actor.credential?.id === identity[key]) used.add(key)
  return without(identity, used)
}

function nameOf(identity: Fields): string | undefined {
  const userName = identifierOf(identity['userName'])
  if (userName !== undefined) return userName
  // arn:aws:sts::123456789012:assumed-role/ROLE/SESSION
  const arn = identifierOf(identity['arn'])
  if (arn?.includes(':assumed-role/') === true) return arn.slice(arn.indexOf('/') + 1)
  if (identity['type'] === 'Root') return 'root'
  return arn === undefined ? undefined : arn.slice(arn.lastIndexOf('/') + 1)
}

function issuerOf(identity: Fields): Actor | undefined {
  const issuer = fieldsOf(fieldsOf(identity['sessionContext'])['sessionIssuer'])
  const id = identifierOf(issuer['arn']) ?? identifierOf(issuer['principalId'])
  const person = identityCenterUser(fieldsOf(identity['onBehalfOf']))
  if (id === undefined) return person
  const type = identifierOf(issuer['type'])
  const name = identifierOf(issuer['userName'])
  return {
    type: type === undefined ? 'unknown' : (TYPES.get(type) ?? type.toLowerCase()),
    id,
    ...(name !== undefined && { name }),
    ...(person !== undefined && { onBehalfOf: person }),
  }
}

function identityCenterUser(user: Fields): Actor | undefined {
  const userId = identifierOf(user['userId'])
  if (userId === undefined) return undefined
  const store = identifierOf(user['identityStoreArn'])
  const id = store === undefined ? userId : `${store}/${userId}`
  return { type: 'user', id: fits(id) ? id : userId, name: userId }
}
