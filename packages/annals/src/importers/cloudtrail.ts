import { type Draft, isIp, type Note, type Origin, type Outcome, type Source } from '../model/index.ts'
import { actorOf, identityLeft } from './cloudtrail/identity.ts'
import { serviceOf, targetsOf } from './cloudtrail/targets.ts'
import {
  type Fields,
  fieldsOf,
  identifierOf,
  isFields,
  kindOf,
  openRecord,
  requiredIdentifier,
  segment,
  textOf,
  without,
} from './fields.ts'
import { type Importer, ImportReject } from './importer.ts'
import { instantOf } from './instants.ts'

/**
 * AWS CloudTrail records (record contents of the CloudTrail user guide, event versions 1.0 to 1.11), as `{"Records": […]}` or one
 * a line. One record is one event:
 *
 * - action `aws.<service>.<eventName>`; occurredAt eventTime; tenant recipientAccountId, else userIdentity.accountId
 * - outcome by errorCode: none is success, a refusal of rights is `denied`, another is `failure`; code and message are kept
 * - actor is the principal of userIdentity: for an assumed role the session, on behalf of the role that issued it. A service that
 *   calls in the principal's name (`invokedBy`) is `origin.component`, not the actor
 * - origin.ip only when sourceIPAddress is an address; else that is `origin.component`
 * - targets: `resources`, and well-known identifiers of requestParameters and responseElements
 * - tags region, readOnly, eventType, managementEvent
 * - data: everything else, including userIdentity without the names and keys that `actor` holds, so that erasing who acted does
 *   not leave them there
 *
 * A record without eventID is rejected: nothing else would make a second import find it again.
 *
 * @example
 * ```ts
 * await importRecords(trail, cloudtrail, createReadStream('trail.json'))
 * ```
 */
export const cloudtrail: Importer = {
  name: 'cloudtrail',
  summary: 'AWS CloudTrail records: {"Records": […]} or one a line',
  envelopes: ['Records'],
  convert: record => [convert(openRecord(record))],
}

const TAGS = [
  ['region', 'awsRegion'],
  ['readOnly', 'readOnly'],
  ['eventType', 'eventType'],
  ['managementEvent', 'managementEvent'],
] as const

function convert(record: Fields): Draft {
  const source: Source = { system: 'aws.cloudtrail', id: requiredIdentifier(record, 'eventID') }
  const eventSource = requiredIdentifier(record, 'eventSource')
  const eventName = requiredIdentifier(record, 'eventName')
  const instant = instantOf(record['eventTime'])
  if (instant === undefined)
    throw new ImportReject('/eventTime', `must be an ISO 8601 time, got ${kindOf(record['eventTime'])}`)

  const used = new Set(['eventID', 'userIdentity'])
  if (!instant.finer && !instant.assumedUtc) used.add('eventTime')
  const service = serviceOf(eventSource)
  const [serviceSegment, nameSegment] = [segment(service), segment(eventName)]
  if (nameSegment === eventName) used.add('eventName')
  if (`${serviceSegment}.amazonaws.com` === eventSource) used.add('eventSource')

  const identity = fieldsOf(record['userIdentity'])
  const tenant = take(record, 'recipientAccountId', used) ?? identifierOf(identity['accountId'])
  const targets = targetsOf(record, service, eventName)
  const notes: Note[] = [...targets.notes]
  if (instant.assumedUtc) notes.push({ path: '/occurredAt', reason: 'the source gives no zone; read as UTC' })
  const outcome = outcomeOf(record, used)
  const origin = originOf(record, identity, used, notes)
  const tags = tagsOf(record, used)
  const data = without(
    {
      ...without(record, used),
      userIdentity: isFields(record['userIdentity']) ? identityLeft(identity) : record['userIdentity'],
    },
    new Set(),
  )

  return {
    action: `aws.${serviceSegment}.${nameSegment}`,
    occurredAt: instant.at,
    outcome,
    actor: actorOf(identity),
    targets: targets.all,
    ...(tenant !== undefined && { tenant }),
    origin,
    ...(tags !== undefined && { tags }),
    ...(data !== undefined && { data }),
    source,
    ...(notes.length > 0 && { notes }),
  }
}

/** A member as an identifier; taken members do not go to `data`. */
function take(record: Fields, key: string, used: Set<string>): string | undefined {
  const text = identifierOf(record[key])
  if (text !== undefined) used.add(key)
  return text
}

// AccessDenied, AccessDeniedException, Client.UnauthorizedOperation, AuthorizationError, NotAuthorized, Forbidden, …
const DENIED =
  /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|AuthorizationError|Forbidden|Denied(?:Exception)?$/i
const FAILED_SIGN_IN = 'Failed authentication'

function outcomeOf(record: Fields, used: Set<string>): Outcome {
  const given = record['errorCode']
  const code = take(record, 'errorCode', used)
  const message = textOf(record['errorMessage'])
  if (message !== undefined) used.add('errorMessage')
  // Sign-ins that failed have a message and no code.
  if ((given === undefined || given === null) && message === undefined) return { result: 'success' }
  const denied = DENIED.test(code ?? '') || (code === undefined && message === FAILED_SIGN_IN)
  return {
    result: denied ? 'denied' : 'failure',
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  }
}

function originOf(record: Fields, identity: Fields, used: Set<string>, notes: Note[]): Origin {
  const address = identifierOf(record['sourceIPAddress'])
  const addressed = address !== undefined && isIp(address)
  const invokedBy = identifierOf(identity['invokedBy'])
  const component = addressed || address === undefined ? invokedBy : address
  if (addressed || (address !== undefined && component === address)) used.add('sourceIPAddress')
  if (component !== undefined && !addressed)
    notes.push({ path: '/origin/ip', reason: 'the source names a service, not an address' })

  const agent = textOf(record['userAgent'])
  const userAgent = take(record, 'userAgent', used)
  if (agent !== undefined && userAgent === undefined)
    notes.push({ path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' })
  const requestId = take(record, 'requestID', used)
  const correlationId = take(record, 'sharedEventID', used)
  return {
    ...(addressed && { ip: address }),
    ...(userAgent !== undefined && { userAgent }),
    ...(requestId !== undefined && { requestId }),
    ...(correlationId !== undefined && { correlationId }),
    ...(component !== undefined && { component }),
  }
}

function tagsOf(record: Fields, used: Set<string>): Record<string, string> | undefined {
  const tags: Record<string, string> = {}
  for (const [tag, key] of TAGS) {
    const value = record[key]
    const text = typeof value === 'boolean' ? String(value) : identifierOf(value)
    if (text === undefined) continue
    tags[tag] = text
    used.add(key)
  }
  return Object.keys(tags).length === 0 ? undefined : tags
}
