import type { Actor, AuditEvent, Outcome } from '../model/index.ts'
import type { Entry } from './entry.ts'
import { parsePart } from './parse-part.ts'
import { isObject, pointerPath } from './parts.ts'

const ERASED_ACTOR: Actor = { type: 'erased', id: '' }

/** A part as it is stored: canonical JSON, or null once it was erased. */
export interface StoredPart {
  readonly name: string
  readonly json: string | null
}

/**
 * Puts an event together again from its header and parts. What was in an erased part is absent, the actor is then
 * `{type: 'erased', id: ''}`, and the part's name is listed in `erased`.
 *
 * @param without names of further parts that are left out, with all that is told of them. @defaultValue none
 */
export function readEvent(
  index: number,
  entry: Entry,
  parts: readonly StoredPart[],
  without: readonly string[] = [],
): AuditEvent {
  let who: { actor?: Actor; origin?: AuditEvent['origin'] } | undefined
  let what: Record<string, unknown> | undefined
  let erased: string[] | undefined
  let further: Record<string, unknown>[] | undefined
  const withheld: string[] = []
  for (const part of parts) {
    if (without.includes(part.name)) {
      if (part.json !== null) withheld.push(...Object.keys(parsePart(part.json) as object))
    } else if (part.json === null) {
      erased ??= []
      erased.push(part.name)
    } else if (part.name === 'who') who = parsePart(part.json) as NonNullable<typeof who>
    else if (part.name === 'what') what = parsePart(part.json) as NonNullable<typeof what>
    else {
      further ??= []
      further.push(parsePart(part.json) as Record<string, unknown>)
    }
  }
  const content = what ?? {}
  for (const values of further ?? []) putBack(content, values)
  if (withheld.length > 0) forgetPaths(content, withheld)
  const { outcome, occurredAt, targets, version, visibility, ...rest } = content as Partial<AuditEvent>
  const recordedAt = isoTime(entry.recordedAt)
  return {
    id: entry.id,
    index,
    action: entry.action,
    version: version ?? 1,
    phase: entry.phase,
    operation: entry.operation ?? entry.id,
    outcome: { result: entry.result, ...(outcome as Omit<Outcome, 'result'> | undefined) },
    occurredAt: occurredAt ?? recordedAt,
    recordedAt,
    actor: who?.actor ?? ERASED_ACTOR,
    targets: targets ?? [],
    origin: who?.origin ?? {},
    ...rest,
    visibility: visibility ?? 'operator',
    retention: entry.retention,
    ...(erased === undefined ? {} : { erased }),
  }
}

/** Drops what `truncated` and `notes` tell of withheld fields: a digest of a value is a value to guess against. */
function forgetPaths(content: Record<string, unknown>, withheld: readonly string[]): void {
  for (const name of ['truncated', 'notes']) {
    const list = content[name] as readonly { readonly path: string }[] | undefined
    const left = list?.filter(({ path }) => !withheld.some(one => path === one || path.startsWith(`${one}/`)))
    if (left?.length === 0) delete content[name]
    else if (left !== undefined) content[name] = left
  }
}

function putBack(content: Record<string, unknown>, values: Record<string, unknown>): void {
  for (const [pointer, value] of Object.entries(values)) {
    const path = pointerPath(pointer)
    const last = path.pop()
    if (last === undefined) continue
    let at = content
    for (const key of path) {
      if (!isObject(at[key])) define(at, key, {})
      at = at[key] as Record<string, unknown>
    }
    define(at, last, value)
  }
}

/** Assignment that makes `__proto__` an own member like any other. */
function define(at: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(at, key, { value, enumerable: true, configurable: true, writable: true })
}

let lastMs = Number.NaN
let lastIso = ''

/** ISO 8601 UTC with milliseconds; the last one is remembered, since many events share it. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastIso
}
