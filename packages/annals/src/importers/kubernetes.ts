import {
  type Draft,
  isIp,
  type Note,
  type Origin,
  type Outcome,
  type OutcomeResult,
  type Source,
} from '../model/index.ts'
import {
  type Fields,
  fieldsOf,
  fits,
  identifierOf,
  isFields,
  listOf,
  openRecord,
  requiredIdentifier,
  segment,
  textOf,
  without,
} from './fields.ts'
import { type Importer, ImportReject } from './importer.ts'
import { elapsedMs, instantOf } from './instants.ts'
import { actorOf, userLeft } from './kubernetes/identity.ts'
import { targetsOf } from './kubernetes/targets.ts'

/**
 * Kubernetes audit events (`audit.k8s.io/v1` Event, alone, one a line, or in an EventList). One record is one event:
 *
 * - action `kubernetes.<API group, or core>.<resource>[.<subresource>].<verb>`, such as `kubernetes.core.pods.exec.create`;
 *   `kubernetes.nonresource.<verb>` for requests of other paths
 * - occurredAt requestReceivedTimestamp, else stageTimestamp; duration is the time between them
 * - actor is the user that was authenticated; one who impersonates acts on behalf of `impersonatedUser`
 * - origin.ip is the *last* of sourceIPs, the peer of the connection: clients can set the others (they stay in data)
 * - targets: objectRef as `<kind>` `<namespace>/<name>`, then volumes, claims, services, secrets, config maps, nodes, roles,
 *   subjects and owners that the request and response objects refer to
 * - outcome by responseStatus: below 400 success, 401 and 403 denied, others failure; a panic is a failure; no status, as at stage
 *   RequestReceived, is unknown
 * - every stage of a request is an event of its own (source id `<auditID>/<stage>`, tag `stage`); they share origin.requestId
 * - tags namespace, decision, stage, level; data: everything else, with the user's groups and without the user's name
 *
 * A record without auditID, verb or time is rejected: it could not be found again, named or placed.
 *
 * @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 * @example
 * ```ts
 * await importRecords(trail, kubernetes, createReadStream('audit.log'))
 * ```
 */
export const kubernetes: Importer = {
  name: 'kubernetes',
  summary: 'Kubernetes audit log (audit.k8s.io/v1): EventList or one event a line',
  envelopes: ['items'],
  convert: record => [convert(openRecord(record))],
}

function convert(record: Fields): Draft {
  const { kind, apiVersion } = record
  if (kind !== undefined && kind !== 'Event') throw new ImportReject('/kind', 'must be Event')
  if (apiVersion !== undefined && !(typeof apiVersion === 'string' && apiVersion.startsWith('audit.k8s.io/')))
    throw new ImportReject('/apiVersion', 'must be of audit.k8s.io')
  const auditID = requiredIdentifier(record, 'auditID')
  const verb = requiredIdentifier(record, 'verb')
  const stage = identifierOf(record['stage'])
  const received = instantOf(record['requestReceivedTimestamp'])
  const instant = received ?? instantOf(record['stageTimestamp'])
  if (instant === undefined)
    throw new ImportReject(
      '/requestReceivedTimestamp',
      'must be an RFC 3339 time, and so must stageTimestamp',
    )

  const used = new Set(['kind', 'auditID', 'stage', 'user', 'impersonatedUser'])
  if (apiVersion === 'audit.k8s.io/v1') used.add('apiVersion')
  const exactKey = received === undefined ? 'stageTimestamp' : 'requestReceivedTimestamp'
  if (!instant.finer && !instant.assumedUtc) used.add(exactKey)
  const ref = fieldsOf(record['objectRef'])
  const action = actionOf(ref, verb)
  if (segment(verb) === verb) used.add('verb')

  const targets = targetsOf(record, ref)
  const notes: Note[] = [...targets.notes]
  if (instant.assumedUtc)
    notes.push({
      path: '/occurredAt',
      reason: 'the source gives no zone; read as UTC, which audit logs are in',
    })
  const sourceId = stage === undefined ? auditID : `${auditID}/${stage}`
  if (!fits(sourceId)) throw new ImportReject('/auditID', 'too long')
  const source: Source = { system: 'kubernetes.audit', id: sourceId }
  const user = fieldsOf(record['user'])
  const impersonated = record['impersonatedUser']
  const origin = originOf(record, auditID, used, notes)
  const tags = tagsOf(record, ref, stage, used)
  const outcome = outcomeOf(record, stage)
  const data = without(
    {
      ...without(record, used),
      user: isFields(record['user']) ? userLeft(user) : record['user'],
      impersonatedUser: isFields(impersonated) ? userLeft(impersonated) : impersonated,
    },
    new Set(),
  )
  return {
    action,
    occurredAt: instant.at,
    outcome,
    actor: actorOf(user, impersonated),
    targets: targets.all,
    origin,
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(data !== undefined && { data }),
    source,
    ...(notes.length > 0 && { notes }),
  }
}

function actionOf(ref: Fields, verb: string): string {
  const resource = identifierOf(ref['resource'])
  if (resource === undefined) return `kubernetes.nonresource.${segment(verb)}`
  const version = identifierOf(ref['apiVersion'])
  // Some producers write group and version as one.
  const group =
    identifierOf(ref['apiGroup']) ??
    (version?.includes('/') === true ? version.slice(0, version.indexOf('/')) : undefined)
  const subresource = identifierOf(ref['subresource'])
  const path = subresource === undefined ? [resource] : [resource, subresource]
  // A version such as `/v1` has no group.
  return ['kubernetes', segment(group ?? '') || 'core', ...path.map(segment), segment(verb)].join('.')
}

function outcomeOf(record: Fields, stage: string | undefined): Outcome {
  const status = fieldsOf(record['responseStatus'])
  const number = typeof status['code'] === 'number' ? status['code'] : undefined
  const result = stage === 'Panic' ? 'failure' : resultOf(number, status['status'])
  const durationMs = elapsedMs(record['requestReceivedTimestamp'], record['stageTimestamp'])
  const message = textOf(status['message'])
  const code = identifierOf(status['reason']) ?? (number === undefined ? undefined : String(number))
  return {
    result,
    ...(code !== undefined && result !== 'success' && { code }),
    ...(message !== undefined && { message }),
    ...(durationMs !== undefined && result !== 'unknown' && { durationMs }),
  }
}

function resultOf(code: number | undefined, status: unknown): OutcomeResult {
  if (code === undefined || code === 0)
    return status === 'Success' ? 'success' : status === 'Failure' ? 'failure' : 'unknown'
  if (code === 401 || code === 403) return 'denied'
  return code >= 100 && code < 400 ? 'success' : 'failure'
}

function originOf(record: Fields, auditID: string, used: Set<string>, notes: Note[]): Origin {
  const sources = listOf(record['sourceIPs'])
  const peer = identifierOf(sources.at(-1))
  const ip = peer !== undefined && isIp(peer) ? peer : undefined
  if (ip !== undefined && sources.length === 1) used.add('sourceIPs')
  if (ip === undefined && sources.length > 0)
    notes.push({ path: '/origin/ip', reason: 'the source gives no address; see data' })
  const userAgent = identifierOf(record['userAgent'])
  if (userAgent !== undefined) used.add('userAgent')
  else if (textOf(record['userAgent']) !== undefined)
    notes.push({ path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' })
  return {
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
    requestId: auditID,
  }
}

const DECISION = 'authorization.k8s.io/decision'

function tagsOf(
  record: Fields,
  ref: Fields,
  stage: string | undefined,
  used: Set<string>,
): Record<string, string> {
  const namespace = identifierOf(ref['namespace'])
  const decision = identifierOf(fieldsOf(record['annotations'])[DECISION])
  const level = identifierOf(record['level'])
  if (level !== undefined) used.add('level')
  return {
    ...(namespace !== undefined && { namespace }),
    ...(decision !== undefined && { decision }),
    ...(stage !== undefined && { stage }),
    ...(level !== undefined && { level }),
  }
}
