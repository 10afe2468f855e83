import { type Actor, type AuditEvent, parsePointer } from '../model/index.ts'

/** Who acted, to a reader from whom it is withheld. */
export const HIDDEN_ACTOR: Actor = Object.freeze({ type: 'hidden', id: '' })

const REASON = 'not shown to this reader'

/** An event without some fields; the same object when it has none of them. */
export interface Hidden {
  readonly event: AuditEvent
  /** Pointers of what was taken out. */
  readonly paths: readonly string[]
}

/**
 * Takes fields out of an event. What `truncated` and `notes` tell of them goes as well: a digest of a hidden value is a
 * value to guess against.
 *
 * @example
 * ```ts
 * hide(event, ['/origin/ip']).paths // ['/origin/ip'] when it had one
 * ```
 */
export function hide(event: AuditEvent, paths: readonly string[]): Hidden {
  let value = event as unknown as Record<string, unknown>
  const hidden: string[] = []
  for (const path of paths) {
    const less = without(value, parsePointer(path), 0)
    if (less === value) continue
    value = less as Record<string, unknown>
    hidden.push(path)
  }
  if (hidden.length === 0) return { event, paths: hidden }
  return { event: withoutMentions(complete(value), hidden), paths: hidden }
}

/** Says in the notes of an event what was taken out of it. */
export function noteHidden(event: AuditEvent, paths: readonly string[]): AuditEvent {
  if (paths.length === 0) return event
  const notes = [...(event.notes ?? []), ...paths.map(path => ({ path, reason: REASON }))]
  return { ...event, notes }
}

/** Fields that every event has are there, empty. */
function complete(value: Record<string, unknown>): AuditEvent {
  const { actor = HIDDEN_ACTOR, origin = {}, ...rest } = value as Partial<AuditEvent>
  return { ...rest, actor, origin } as AuditEvent
}

function withoutMentions(event: AuditEvent, hidden: readonly string[]): AuditEvent {
  const { truncated, notes, ...rest } = event
  const left = <T extends { readonly path: string }>(list: readonly T[] | undefined): readonly T[] =>
    (list ?? []).filter(({ path }) => !hidden.some(one => path === one || path.startsWith(`${one}/`)))
  const cut = left(truncated)
  const told = left(notes)
  return {
    ...rest,
    ...(cut.length === 0 ? {} : { truncated: cut }),
    ...(told.length === 0 ? {} : { notes: told }),
  }
}

/**
 * The value without what its segments from `at` name; shared where nothing changes. Own members only. A path that leads into
 * an array takes the whole array: positions move, and what must not be seen must not slip through.
 */
function without(value: unknown, segments: readonly string[], at: number): unknown {
  const name = segments[at]
  if (name === undefined || typeof value !== 'object' || value === null) return value
  const members = value as Readonly<Record<string, unknown>>
  if (!Object.hasOwn(members, name)) return value
  const member = members[name]
  if (at + 1 < segments.length && !Array.isArray(member)) {
    const less = without(member, segments, at + 1)
    return less === member ? value : withMember(members, name, less)
  }
  const { [name]: _, ...rest } = members
  return rest
}

function withMember(members: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  return Object.fromEntries(Object.entries(members).map(([key, one]) => [key, key === name ? value : one]))
}
