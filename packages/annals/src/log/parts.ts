import { canonicalize, canonicalizeString as quote } from '@annals/tlog'
import type {
  Actor,
  AuditEvent,
  Credential,
  Origin,
  Outcome,
  Source,
  Target,
  Truncation,
} from '../model/index.ts'

/** The content of an event: everything that is in no header. */
export type EventContent = Omit<
  AuditEvent,
  'id' | 'index' | 'recordedAt' | 'operation' | 'action' | 'phase' | 'retention' | 'erased'
>

/** A separately erasable part of an event as canonical JSON. */
export interface PartText {
  readonly name: string
  readonly json: string
}

/** A further part that an event type declares: JSON pointers that are taken out of `what`. */
export interface PartRule {
  /** `[a-z]{1,16}`, neither `who` nor `what`. */
  readonly name: string
  readonly pointers: readonly string[]
}

/**
 * Splits an event into its parts, sorted by name. The envelope is written member by member in RFC 8785 order, which is
 * half as dear again as a generic writer; a property test holds it against `canonicalize`.
 */
export function formatParts(event: EventContent, rules: readonly PartRule[] = []): PartText[] {
  const who = `{"actor":${formatActor(event.actor)},"origin":${formatOrigin(event.origin)}}`
  if (rules.length === 0) {
    return [
      { name: 'what', json: formatWhat(event) },
      { name: 'who', json: who },
    ]
  }
  const { rest, taken } = takeOut(event, rules)
  const parts = [...taken, { name: 'what', json: formatWhat(rest) }, { name: 'who', json: who }]
  return parts.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function formatActor(a: Actor): string {
  let s = a.credential === undefined ? '{' : `{"credential":${formatCredential(a.credential)},`
  s += `"id":${quote(a.id)}`
  if (a.name !== undefined) s += `,"name":${quote(a.name)}`
  if (a.onBehalfOf !== undefined) s += `,"onBehalfOf":${formatActor(a.onBehalfOf)}`
  s += `,"type":${quote(a.type)}`
  return a.unverified === undefined ? `${s}}` : `${s},"unverified":true}`
}

function formatCredential(c: Credential): string {
  return `{"id":${quote(c.id)},"type":${quote(c.type)}}`
}

const ORIGIN_ORDER = [
  'causationId',
  'component',
  'correlationId',
  'host',
  'ip',
  'requestId',
  'sessionId',
  'spanId',
  'traceId',
  'userAgent',
] as const satisfies readonly (keyof Origin)[]

function formatOrigin(origin: Origin): string {
  let s = ''
  for (const key of ORIGIN_ORDER) {
    const value = origin[key]
    if (value !== undefined) s += `${s === '' ? '' : ','}"${key}":${quote(value)}`
  }
  return `{${s}}`
}

function formatWhat(e: EventContent): string {
  let s = '{'
  if (e.backfill !== undefined) s += `"backfill":${canonicalize(e.backfill)},`
  if (e.changes !== undefined) s += `"changes":${canonicalize(e.changes)},`
  if (e.data !== undefined) s += `"data":${canonicalize(e.data)},`
  if (e.description !== undefined) s += `"description":${quote(e.description)},`
  if (e.notes !== undefined) s += `"notes":${canonicalize(e.notes)},`
  s += `"occurredAt":"${e.occurredAt}",`
  const outcome = formatOutcome(e.outcome)
  if (outcome !== '{}') s += `"outcome":${outcome},`
  if (e.project !== undefined) s += `"project":${quote(e.project)},`
  if (e.source !== undefined) s += `"source":${formatSource(e.source)},`
  if (e.tags !== undefined) s += `"tags":${formatTags(e.tags)},`
  // A further part may have taken them.
  if (e.targets !== undefined) s += `"targets":${formatTargets(e.targets)},`
  if (e.tenant !== undefined) s += `"tenant":${quote(e.tenant)},`
  if (e.topics !== undefined) s += `"topics":${canonicalize(e.topics)},`
  if (e.truncated !== undefined) s += `"truncated":${formatTruncated(e.truncated)},`
  return `${s}"version":${e.version},"visibility":"${e.visibility}"}`
}

function formatOutcome(o: Outcome): string {
  let s = o.code === undefined ? '' : `"code":${quote(o.code)}`
  if (o.durationMs !== undefined) s += `${s === '' ? '' : ','}"durationMs":${canonicalize(o.durationMs)}`
  if (o.message !== undefined) s += `${s === '' ? '' : ','}"message":${quote(o.message)}`
  return `{${s}}`
}

function formatSource(source: Source): string {
  return `{"id":${quote(source.id)},"system":${quote(source.system)}}`
}

function formatTags(tags: Readonly<Record<string, string>>): string {
  const keys = Object.keys(tags)
  if (keys.length > 1) keys.sort()
  let s = ''
  for (const key of keys) s += `${s === '' ? '' : ','}${quote(key)}:${quote(tags[key] as string)}`
  return `{${s}}`
}

function formatTargets(targets: readonly Target[]): string {
  let s = ''
  for (const t of targets) {
    s += `${s === '' ? '' : ','}{"id":${quote(t.id)}`
    if (t.name !== undefined) s += `,"name":${quote(t.name)}`
    if (t.role !== undefined) s += `,"role":${quote(t.role)}`
    s += `,"type":${quote(t.type)}}`
  }
  return `[${s}]`
}

function formatTruncated(truncated: readonly Truncation[]): string {
  return canonicalize(truncated)
}

/** Moves the values at the rules' pointers into parts of their own: `{pointer: value}`. Only members of objects can move. */
function takeOut(event: EventContent, rules: readonly PartRule[]): { rest: EventContent; taken: PartText[] } {
  let rest = event as unknown as Record<string, unknown>
  const taken: PartText[] = []
  for (const rule of rules) {
    const values: Record<string, unknown> = {}
    let found = false
    for (const pointer of rule.pointers) {
      const path = pointerPath(pointer)
      const value = path.reduce<unknown>(
        (at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined),
        rest,
      )
      if (value === undefined) continue
      values[pointer] = value
      rest = without(rest, path)
      found = true
    }
    if (found) taken.push({ name: rule.name, json: canonicalize(values) })
  }
  return { rest: rest as unknown as EventContent, taken }
}

function without(at: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  const [key, ...deeper] = path as [string, ...string[]]
  const copy = { ...at }
  const value = copy[key]
  if (deeper.length === 0) delete copy[key]
  else if (isObject(value)) copy[key] = without(value, deeper)
  return copy
}

/** The keys of a JSON pointer (RFC 6901). */
export function pointerPath(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
