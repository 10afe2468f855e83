import {
  AnnalsError,
  type AuditEvent,
  type Draft,
  formatInstant,
  type Json,
  parseInstant,
} from '../model/index.ts'

/** Media type of the `data` of a CloudEvent that holds a whole event of a log. */
export const EVENT_MEDIA_TYPE = 'application/vnd.annals.event+json'
/** Media type of the `data` of a CloudEvent that holds a draft. */
export const DRAFT_MEDIA_TYPE = 'application/vnd.annals.draft+json'

/** A CloudEvent 1.0 in the JSON event format. Attributes of extensions stand beside the others. */
export interface CloudEvent {
  readonly specversion: '1.0'
  /** Unique within `source`. */
  readonly id: string
  readonly source: string
  readonly type: string
  /** RFC 3339. */
  readonly time?: string
  readonly subject?: string
  readonly datacontenttype?: string
  readonly dataschema?: string
  readonly data?: Json
  readonly data_base64?: string
  readonly [extension: string]: Json | undefined
}

/** Where CloudEvents come from. */
export interface CloudEventOptions {
  /** The attribute `source`, a URI reference: the name of the log, or of the producer. */
  readonly source: string
}

/**
 * An event as a CloudEvent 1.0. `data` is the whole event, so nothing is lost; the attributes repeat what routers look at:
 * `type` is the action, `subject` the first target, `time` when it happened, `annalsindex` the position (a text, for CloudEvents
 * have no integers of 53 bits), `annalsresult` the outcome, `recordedtime` when it was recorded.
 *
 * @example
 * ```ts
 * cloudEventOf(event, { source: 'audit.example.com/main' }).type // 'machine.delete'
 * ```
 */
export function cloudEventOf(event: AuditEvent, { source }: CloudEventOptions): CloudEvent {
  const subject = subjectOf(event.targets[0])
  return {
    specversion: '1.0',
    id: event.id,
    source,
    type: event.action,
    time: event.occurredAt,
    ...(subject === undefined ? {} : { subject }),
    annalsindex: String(event.index),
    annalsresult: event.outcome.result,
    recordedtime: event.recordedAt,
    datacontenttype: EVENT_MEDIA_TYPE,
    data: event as unknown as Json,
  }
}

/**
 * The event that a CloudEvent of {@link cloudEventOf} holds; undefined for any other CloudEvent.
 *
 * @throws AnnalsError ANNALS_INVALID when `data` is no object
 * @example
 * ```ts
 * eventOf(cloudEventOf(event, { source })) // event
 * ```
 */
export function eventOf(cloudEvent: CloudEvent): AuditEvent | undefined {
  if (mediaTypeOf(cloudEvent) !== EVENT_MEDIA_TYPE) return undefined
  return objectIn(cloudEvent) as unknown as AuditEvent
}

/**
 * A draft as a CloudEvent 1.0, whole in `data`.
 *
 * @param options `id` names the draft when it has no `id`: the same CloudEvent sent again is then recorded once
 * @example
 * ```ts
 * cloudEventOfDraft({ action: 'machine.delete' }, { source: '/machines', id: 'a1' })
 * ```
 */
export function cloudEventOfDraft(
  draft: Draft,
  { source, id }: CloudEventOptions & { readonly id: string },
): CloudEvent {
  const subject = subjectOf(draft.targets?.[0])
  const key = draft.id ?? id
  const { occurredAt } = draft
  const time = occurredAt instanceof Date ? formatInstant(occurredAt.getTime()) : occurredAt
  return {
    specversion: '1.0',
    id: key,
    source,
    type: draft.action,
    ...(time === undefined ? {} : { time: typeof time === 'number' ? formatInstant(time) : time }),
    ...(subject === undefined ? {} : { subject }),
    datacontenttype: DRAFT_MEDIA_TYPE,
    data: { ...draft, id: key, ...(time === undefined ? {} : { occurredAt: time }) } as unknown as Json,
  }
}

/**
 * The draft that a CloudEvent of any producer asks to record. A draft that {@link cloudEventOfDraft} wrapped comes out as it was,
 * with its id. Of others:
 *
 * | attribute | becomes |
 * | --- | --- |
 * | `type` | `action` |
 * | `source`, `id` | `source`, the idempotency key: CloudEvents are unique by these two |
 * | `time` | `occurredAt` |
 * | `subject` | a target of type `subject` |
 * | `authtype`, `authid` | `actor` (extension "Auth Context") |
 * | `traceparent`, `correlationid`, `causationid` | `origin` |
 * | `dataschema`, a `datacontenttype` other than JSON, other extensions | `tags` of the same name |
 * | `data` | `data`; `data_base64` stays text, in `data.base64` |
 *
 * @throws AnnalsError ANNALS_INVALID with the path; also for an event of a log, which is imported and not recorded again
 * @example
 * ```ts
 * draftOfCloudEvent({ specversion: '1.0', id: '7', source: '/mycontext', type: 'com.example.created' }).action
 * ```
 */
export function draftOfCloudEvent(cloudEvent: CloudEvent): Draft {
  const mediaType = mediaTypeOf(cloudEvent)
  if (mediaType === EVENT_MEDIA_TYPE)
    throw refuse(
      '/datacontenttype',
      'is an event of a log, not a draft',
      'Import it instead (annals/importers).',
    )
  if (mediaType === DRAFT_MEDIA_TYPE) {
    const draft = objectIn(cloudEvent) as unknown as Draft
    if (draft.action !== cloudEvent.type) throw refuse('/type', 'is not the action of the draft in data')
    return draft
  }
  const { specversion, id, source, type, time, subject, datacontenttype, data, data_base64, ...extensions } =
    cloudEvent
  const { authtype, authid, traceparent, correlationid, causationid, ...others } = extensions
  const trace = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null
  const origin = {
    ...(typeof correlationid === 'string' ? { correlationId: correlationid } : {}),
    ...(typeof causationid === 'string' ? { causationId: causationid } : {}),
    ...(trace === null ? {} : { traceId: trace[1] as string, spanId: trace[2] as string }),
  }
  const tags = Object.entries(others).map(([name, value]) => [name, String(value)])
  if (trace === null && traceparent !== undefined) tags.push(['traceparent', String(traceparent)])
  if (datacontenttype !== undefined && !isJson(mediaType)) tags.push(['datacontenttype', datacontenttype])
  return {
    action: type,
    source: { system: source, id },
    ...(time === undefined ? {} : { occurredAt: time }),
    ...(authid === undefined && authtype === undefined
      ? {}
      : { actor: { type: String(authtype ?? 'unknown'), id: String(authid ?? '') } }),
    ...(subject === undefined ? {} : { targets: [{ type: 'subject', id: subject }] }),
    ...(Object.keys(origin).length === 0 ? {} : { origin }),
    ...(tags.length === 0 ? {} : { tags: Object.fromEntries(tags) as Record<string, string> }),
    ...(data === undefined ? {} : { data }),
    ...(data_base64 === undefined ? {} : { data: { base64: data_base64 } }),
  }
}

/**
 * The place in a CloudEvent that a place in its draft came from, both as JSON pointers.
 *
 * @example
 * ```ts
 * placeInCloudEvent(cloudEvent, '/action') // '/type'
 * ```
 */
export function placeInCloudEvent(cloudEvent: CloudEvent, path: string): string {
  const mediaType = mediaTypeOf(cloudEvent)
  if (mediaType === DRAFT_MEDIA_TYPE || mediaType === EVENT_MEDIA_TYPE) return `/data${path}`
  const [head = '', next] = path.slice(1).split('/')
  if (head === 'source') return next === 'id' ? '/id' : '/source'
  if (head === 'tags' && next !== undefined) return `/${next}`
  const name = ATTRIBUTES[head]
  return name === undefined ? path : `/${name}`
}

/**
 * Checks the JSON form of a CloudEvent. Attributes that are null count as absent.
 *
 * @throws AnnalsError ANNALS_INVALID with the path
 * @example
 * ```ts
 * parseCloudEvent(JSON.parse(body)).type
 * ```
 */
export function parseCloudEvent(value: unknown): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('', 'must be an object: a CloudEvent')
  const given = Object.entries(value as Readonly<Record<string, unknown>>).filter(
    ([name, member]) => member !== undefined && (member !== null || name === 'data'),
  )
  const event = Object.fromEntries(given)
  if (event['specversion'] !== '1.0') throw refuse('/specversion', 'must be "1.0"')
  for (const name of ['id', 'source', 'type'])
    if (!isText(event[name])) throw refuse(`/${name}`, 'must be a text that is not empty')
  for (const [name, member] of given) {
    if (name === 'data') continue
    if (name !== 'data_base64' && !NAME.test(name))
      throw refuse(
        `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        'is no name of an attribute: a-z and 0-9',
      )
    const isPlain = typeof member === 'string' || (!TEXTS.has(name) && isScalar(member))
    if (!isPlain)
      throw refuse(`/${name}`, TEXTS.has(name) ? 'must be a text' : 'must be a text, a number or a boolean')
  }
  if (event['time'] !== undefined && parseInstant(event['time'] as string) === undefined)
    throw refuse('/time', 'must be a time with a zone (RFC 3339)')
  const base64 = event['data_base64']
  if (base64 !== undefined && 'data' in event) throw refuse('/data_base64', 'cannot be there beside data')
  if (base64 !== undefined && !BASE64.test(base64 as string)) throw refuse('/data_base64', 'is no base64')
  return event as unknown as CloudEvent
}

const NAME = /^[a-z0-9]{1,64}$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}$/
const TEXTS: ReadonlySet<string> = new Set([
  ...[
    'specversion',
    'id',
    'source',
    'type',
    'time',
    'subject',
    'datacontenttype',
    'dataschema',
    'data_base64',
  ],
])
const ATTRIBUTES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  action: 'type',
  occurredAt: 'time',
  targets: 'subject',
  actor: 'authid',
})
/** What a text of CloudEvents may not hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /[\u0000-\u001f\u007f-\u009f]/

function subjectOf(target: { readonly type: string; readonly id: string } | undefined): string | undefined {
  if (target === undefined) return undefined
  const subject = `${target.type}/${target.id}`
  return UNFIT.test(subject) || !subject.isWellFormed() ? undefined : subject
}

function mediaTypeOf({ datacontenttype = 'application/json' }: CloudEvent): string {
  return (datacontenttype.split(';')[0] ?? '').trim().toLowerCase()
}

function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType.endsWith('+json')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isScalar(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'number'
}

function objectIn({ data }: CloudEvent): object {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data
  throw refuse('/data', 'must be an object')
}

function refuse(path: string, what: string, hint?: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', path === '' ? what : `${path}: ${what}`, {
    path,
    ...(hint === undefined ? {} : { hint }),
  })
}
