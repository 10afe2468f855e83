import { type Draft, isIp, type Note, type Origin, type Outcome, type OutcomeResult } from '../model/index.ts'
import {
  dottedAction,
  type Fields,
  fieldsOf,
  identifierOf,
  kindOf,
  requiredIdentifier,
  textOf,
} from './fields.ts'
import { type Importer, ImportReject } from './importer.ts'
import { instantOf } from './instants.ts'
import { actorLeft, actorOf } from './okta/identity.ts'
import { keyOf, knownOf, memberOf, type Place, withoutPlaces } from './okta/members.ts'
import { changesOf, targetsOf } from './okta/targets.ts'
import { unwrapped } from './wrapped.ts'

/**
 * Events of the Okta System Log (API v1, LogEvent version 0), as `/api/v1/logs` (an array) and log streams (one a line) give them.
 * One record is one event:
 *
 * - action `okta.<eventType>`, such as `okta.user.session.start`; description is displayMessage
 * - occurredAt `published`
 * - actor by its Okta id, named by its login, else by its display name; its credential is the id of an API token
 * - targets: `target`, by id; changes: their `changeDetails`
 * - outcome by outcome.result: SUCCESS and ALLOW are `success`, FAILURE is `failure`, DENY `denied`; CHALLENGE, SKIPPED and others
 *   decide nothing and are `unknown` with the word as code, as an event without outcome is without one
 * - origin: client.ipAddress, the raw user agent; sessionId is externalSessionId, correlationId transaction.id, requestId that of
 *   the debug data
 * - tag severity; data: everything else. Records name no tenant
 *
 * Source is `uuid`. A record without uuid, eventType or time is rejected: it could not be found again, named or placed.
 *
 * @see https://developer.okta.com/docs/reference/api/system-log/#logevent-object
 * @example
 * ```ts
 * await importRecords(trail, okta, createReadStream('logs.json'))
 * ```
 */
export const okta: Importer = {
  name: 'okta',
  summary: 'Okta System Log (API v1): an array or one event a line',
  convert: record => [
    unwrapped(record, { marks: ['eventType', 'eventtype'], inside: ['event', 'detail'] }, convert),
  ],
}

function convert(record: Fields): Draft {
  const source = { system: 'okta.systemlog', id: requiredIdentifier(record, 'uuid') }
  const typeKey = keyOf(record, 'eventType')
  const action = dottedAction('okta', record, typeKey)
  const instant = instantOf(record['published'])
  if (instant === undefined)
    throw new ImportReject('/published', `must be an ISO 8601 time, got ${kindOf(record['published'])}`)

  const notes: Note[] = []
  const used: Place[] = [['uuid']]
  if (action === `okta.${record[typeKey]}`) used.push([typeKey])
  if (!instant.finer && !instant.assumedUtc) used.push(['published'])
  if (instant.assumedUtc) notes.push({ path: '/occurredAt', reason: 'the source gives no zone; read as UTC' })
  const actor = actorOf(record)
  if (actor.id === '' && knownOf(fieldsOf(record['actor'])['alternateId']) !== undefined)
    notes.push({ path: '/actor', reason: 'the source did not know who it was; what it was told is in data' })
  if (actor.credential !== undefined) used.push(['transaction', 'detail', 'requestApiTokenId'])
  const targets = targetsOf(record)
  const changes = changesOf(record)
  const outcome = outcomeOf(record, used)
  const origin = originOf(record, used, notes)
  const severity = take(record, ['severity'], used)
  const description = take(record, [keyOf(record, 'displayMessage')], used)
  notes.push(...targets.notes, ...changes.notes)
  const left = { ...record, actor: actorLeft(record['actor'], actor), target: changes.left }
  const data = withoutPlaces(left, used)
  return {
    action,
    occurredAt: instant.at,
    outcome,
    actor,
    targets: targets.all,
    origin,
    ...(changes.changes.length > 0 && { changes: changes.changes }),
    ...(severity !== undefined && { tags: { severity } }),
    ...(description !== undefined && { description }),
    ...(data !== undefined && { data }),
    source,
    ...(notes.length > 0 && { notes }),
  }
}

/** A text of the record as an identifier; a taken one does not go to `data`. */
function take(record: Fields, place: Place, used: Place[]): string | undefined {
  let value: unknown = record
  for (const name of place) value = fieldsOf(value)[name]
  const text = knownOf(value)
  if (text !== undefined) used.push(place)
  return text
}

const RESULTS: ReadonlyMap<string, OutcomeResult> = new Map([
  ['SUCCESS', 'success'],
  ['ALLOW', 'success'],
  ['FAILURE', 'failure'],
  ['DENY', 'denied'],
])
/** The words that the result itself says. */
const SAID: ReadonlySet<unknown> = new Set(['SUCCESS', 'FAILURE', 'DENY'])
/** `INVALID_CREDENTIALS`, but not `User suspended SIGNED_NONCE factor`. */
const CODE = /^[A-Z][A-Z0-9_]*$/

function outcomeOf(record: Fields, used: Place[]): Outcome {
  const { result: word, reason: given } = fieldsOf(record['outcome'])
  const known = knownOf(word)
  const result = RESULTS.get(known ?? '') ?? 'unknown'
  const reason = textOf(given)
  const short = identifierOf(given)
  const reasonCode = short !== undefined && result !== 'success' && CODE.test(short) ? short : undefined
  const code = result === 'unknown' ? known : reasonCode
  if (SAID.has(word) || (code !== undefined && code === word)) used.push(['outcome', 'result'])
  const message = reason !== undefined && reason !== code ? reason : undefined
  if (reason !== undefined) used.push(['outcome', 'reason'])
  return { result, ...(code !== undefined && { code }), ...(message !== undefined && { message }) }
}

function originOf(record: Fields, used: Place[], notes: Note[]): Origin {
  const client = memberOf(record, 'client')
  const address = knownOf(client['ipAddress'])
  const ip = address !== undefined && isIp(address) ? address : undefined
  if (ip !== undefined) used.push(['client', 'ipAddress'])
  else if (address !== undefined)
    notes.push({ path: '/origin/ip', reason: 'the source gives no address; see data' })
  const userAgent = take(record, ['client', 'userAgent', 'rawUserAgent'], used)
  const agent = textOf(fieldsOf(client['userAgent'])['rawUserAgent'])
  if (agent !== undefined && identifierOf(agent) === undefined)
    notes.push({ path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' })
  const requestId = take(record, [keyOf(record, 'debugContext'), 'debugData', 'requestId'], used)
  const correlationId = take(record, ['transaction', 'id'], used)
  const sessionId = take(record, [keyOf(record, 'authenticationContext'), 'externalSessionId'], used)
  return {
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
    ...(requestId !== undefined && { requestId }),
    ...(correlationId !== undefined && { correlationId }),
    ...(sessionId !== undefined && { sessionId }),
  }
}
