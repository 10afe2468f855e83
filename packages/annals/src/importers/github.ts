import { createHash } from 'node:crypto'
import { CanonicalError, canonicalize } from '@annals/tlog'
import { type Draft, isIp, type Note, type Origin, type Source } from '../model/index.ts'
import {
  dottedAction,
  type Fields,
  fits,
  identifierOf,
  kindOf,
  requiredIdentifier,
  textOf,
  without,
} from './fields.ts'
import { changesOf } from './github/changes.ts'
import { actorOf } from './github/identity.ts'
import { outcomeOf } from './github/outcome.ts'
import { targetsOf } from './github/targets.ts'
import { type Importer, ImportReject } from './importer.ts'
import { type Instant, instantOf, instantOfMs } from './instants.ts'
import { unwrapped } from './wrapped.ts'

/**
 * The audit log of GitHub organisations and enterprises, as the REST API (an array), exports and streaming (one a line) give it.
 * One record is one event:
 *
 * - action `github.<action>`, such as `github.org.add_member`
 * - occurredAt `@timestamp` (`at_sign_timestamp` in tables that cannot have that name), else `created_at`
 * - actor is `actor` by `actor_id`; its credential the digest or id of a token, never the token
 * - targets: the members that name repositories, teams, users, organisations and other things; tenant is `org`, else `business`
 * - outcome is `success`, for GitHub logs what was done, unless status, conclusion or the name of the action say otherwise
 * - changes: `<member>_was`, `old_<member>`, `previous_<member>` against what they became
 * - origin from actor_ip, user_agent, request_id; tags operationType, accessType, protocol
 * - data: everything else
 *
 * Source is `_document_id`. Git events may come without one: such a record is known again by the SHA-256 digest of its canonical
 * JSON, so that two equal ones are one event. GitHub delivers at least once, and equal in all members and in time they are the
 * same event. A record without action or time is rejected: it could not be named or placed.
 *
 * @see https://docs.github.com/en/rest/orgs/orgs#get-the-audit-log-for-an-organization
 * @example
 * ```ts
 * await importRecords(trail, github, createReadStream('audit-log.json'))
 * ```
 */
export const github: Importer = {
  name: 'github',
  summary: 'GitHub audit log of an organisation or enterprise: an array or one event a line',
  convert: record => [unwrapped(record, { marks: ['action'], inside: ['event'] }, convert)],
}

const TAGS = [
  ['operationType', 'operation_type'],
  ['accessType', 'programmatic_access_type'],
  ['protocol', 'transport_protocol_name'],
  ['protocol', 'protocol_name'],
] as const

const TIMES = ['@timestamp', 'at_sign_timestamp', 'created_at'] as const

function convert(record: Fields): Draft {
  const name = requiredIdentifier(record, 'action')
  const action = dottedAction('github', record, 'action')
  const time = timeOf(record)
  const used = new Set(['_document_id', ...time.used])
  if (action === `github.${name}`) used.add('action')

  const notes: Note[] = []
  if (time.instant.assumedUtc)
    notes.push({ path: '/occurredAt', reason: 'the source gives no zone; read as UTC' })
  const actor = actorOf(record)
  const targets = targetsOf(record, name)
  const changes = changesOf(record)
  const tenant = identifierOf(record['org']) ?? identifierOf(record['business'])
  const origin = originOf(record, used, notes)
  const tags = tagsOf(record, used)
  for (const key of [...actor.used, ...targets.used, ...changes.used]) used.add(key)
  notes.push(...targets.notes, ...changes.notes)
  const data = without(record, used)
  return {
    action,
    occurredAt: time.instant.at,
    outcome: outcomeOf(record, name),
    actor: actor.actor,
    targets: targets.all,
    ...(tenant !== undefined && { tenant }),
    origin,
    ...(changes.changes.length > 0 && { changes: changes.changes }),
    ...(tags !== undefined && { tags }),
    ...(data !== undefined && { data }),
    source: sourceOf(record),
    ...(notes.length > 0 && { notes }),
  }
}

function sourceOf(record: Fields): Source {
  const id = record['_document_id']
  const system = 'github.audit'
  if (id !== undefined && id !== null && id !== '')
    return { system, id: requiredIdentifier(record, '_document_id') }
  try {
    const digest = createHash('sha256').update(canonicalize(record)).digest('base64url')
    return { system, id: `sha256:${digest}` }
  } catch (error) {
    // Names of members may be as long as the record.
    if (error instanceof CanonicalError)
      throw new ImportReject(fits(error.path) ? error.path : '', error.reason)
    throw error
  }
}

interface Time {
  readonly instant: Instant
  /** Members that say nothing more than the instant. */
  readonly used: readonly string[]
}

function timeOf(record: Fields): Time {
  for (const key of TIMES) {
    const value = record[key]
    const instant = instantOfMs(value) ?? instantOf(value)
    if (instant === undefined) continue
    const exact = !instant.finer && !instant.assumedUtc
    return { instant, used: exact ? TIMES.filter(other => record[other] === value) : [] }
  }
  const key = TIMES.find(one => record[one] !== undefined) ?? '@timestamp'
  throw new ImportReject(
    `/${key}`,
    `must be milliseconds since 1970 or an ISO 8601 time, got ${kindOf(record[key])}`,
  )
}

function originOf(record: Fields, used: Set<string>, notes: Note[]): Origin {
  const address = textOf(record['actor_ip'])
  const ip = address !== undefined && isIp(address) ? address : undefined
  if (ip !== undefined) used.add('actor_ip')
  else if (address !== undefined)
    notes.push({ path: '/origin/ip', reason: 'the source gives no address; see data' })
  const userAgent = identifierOf(record['user_agent'])
  if (userAgent !== undefined) used.add('user_agent')
  else if (textOf(record['user_agent']) !== undefined)
    notes.push({ path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' })
  const requestId = identifierOf(record['request_id'])
  if (requestId !== undefined) used.add('request_id')
  return {
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
    ...(requestId !== undefined && { requestId }),
  }
}

function tagsOf(record: Fields, used: Set<string>): Record<string, string> | undefined {
  const tags: Record<string, string> = {}
  for (const [tag, key] of TAGS) {
    const text = identifierOf(record[key])
    if (text === undefined || tags[tag] !== undefined) continue
    tags[tag] = text
    used.add(key)
  }
  return Object.keys(tags).length === 0 ? undefined : tags
}
