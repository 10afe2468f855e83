import {
  AnnalsError,
  applyChanges,
  type Change,
  escapeSegment,
  formatPointer,
  type Json,
  setOwn,
  valueAt,
} from '../../model/index.ts'

/** What is known of one place of a value: and by which event, told by a number of the caller's. */
export type Known =
  /** All of it, as it is there. */
  | { readonly is: 'value'; readonly value: Json; readonly by: number }
  /** That it is not there. */
  | { readonly is: 'absent'; readonly by: number }
  /** That it was changed, but not to what. */
  | { readonly is: 'unknown'; readonly by: number }
  /** Something of what is below it. Of other members nothing is known, or that they are not there (`closed`). */
  | {
      readonly is: 'object'
      readonly members: Map<string, Known>
      readonly closed?: number | undefined
    }

/** Lists up to this length are followed element by element; longer ones become unknown when an element changes. */
const MOST_ELEMENTS = 2_000

/** Nothing is known. */
export function nothingKnown(): Known {
  return { is: 'object', members: new Map() }
}

/** What is known of the place that some segments lead to; undefined when that is nothing. */
export function knownAt(root: Known, segments: readonly string[]): Known | undefined {
  let at: Known | undefined = root
  for (const [nth, segment] of segments.entries()) {
    if (at?.is === 'value') {
      const value = valueAt(at.value, segments.slice(nth)) as Json | undefined
      return value === undefined ? { is: 'absent', by: at.by } : { is: 'value', value, by: at.by }
    }
    if (at?.is !== 'object') return at
    at = memberOf(at, segment)
  }
  return at
}

/**
 * What is known after a change at a place. What was known before is used up.
 *
 * @param after what is known of the place from then on: its new value, that it is absent, or that it is unknown
 */
export function changed(root: Known, segments: readonly string[], change: Change, after: Known): Known {
  const [segment, ...rest] = segments
  if (segment === undefined) return after
  const opened = root.is === 'value' ? open(root) : root
  if (opened.is === 'value') return changedWithin(opened, segments, change, after)
  // Whether a number is a position in a list that is not known, or the name of a member, cannot be told.
  if (opened.is !== 'object' && isPosition(segment)) return { is: 'unknown', by: byOf(after) }
  const { members, closed } =
    opened.is === 'object' ? opened : { members: new Map<string, Known>(), closed: undefined }
  const below = (opened.is === 'object' ? memberOf(opened, segment) : undefined) ?? startOf(rest, after)
  members.set(segment, changed(below, rest, change, after))
  return { is: 'object', members, closed }
}

/** The known values as JSON; what is not known is left out. Undefined when nothing is. */
export function knownJson(known: Known): Json | undefined {
  if (known.is === 'value') return known.value
  if (known.is !== 'object') return undefined
  const object: Record<string, Json> = {}
  let some = known.closed !== undefined
  for (const [name, member] of known.members) {
    const value = knownJson(member)
    if (value === undefined) continue
    setOwn(object, name, value)
    some = true
  }
  return some ? object : undefined
}

/** Whether nothing of the value is unknown. */
export function isWhole(known: Known): boolean {
  if (known.is !== 'object') return known.is !== 'unknown'
  return known.closed !== undefined && [...known.members.values()].every(isWhole)
}

/** Every place of which something is known, as pointers, in the order in which it became known. */
export function* knownPlaces(
  known: Known,
  path = '',
): Generator<readonly [path: string, known: Exclude<Known, { is: 'object' }>]> {
  if (known.is !== 'object') yield [path, known]
  else
    for (const [name, member] of known.members) yield* knownPlaces(member, `${path}/${escapeSegment(name)}`)
}

/** An object as its members, of which there are no others; a list or a scalar as it is. */
function open(known: Extract<Known, { is: 'value' }>): Known {
  const { value, by } = known
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return known
  const members = Object.entries(value).map(
    ([name, one]) => [name, { is: 'value', value: one as Json, by }] as const,
  )
  return { is: 'object', members: new Map<string, Known>(members), closed: by }
}

function memberOf({ members, closed }: Extract<Known, { is: 'object' }>, name: string): Known | undefined {
  return members.get(name) ?? (closed === undefined ? undefined : { is: 'absent', by: closed })
}

/** What to begin with below a place of which nothing is known. */
function startOf(rest: readonly string[], after: Known): Known {
  return rest[0] !== undefined && isPosition(rest[0]) ? { is: 'unknown', by: byOf(after) } : nothingKnown()
}

/** A change within a list, or within a scalar, which then was none. */
function changedWithin(
  known: Extract<Known, { is: 'value' }>,
  segments: readonly string[],
  change: Change,
  after: Known,
): Known {
  const by = byOf(after)
  const isFollowed = Array.isArray(known.value) && known.value.length <= MOST_ELEMENTS
  if (!isFollowed || after.is === 'unknown') return { is: 'unknown', by }
  try {
    const value = applyChanges(known.value as Json, [{ ...change, path: formatPointer(segments) }])
    return { is: 'value', value, by }
  } catch (error) {
    if (!(error instanceof AnnalsError)) throw error
    return { is: 'unknown', by }
  }
}

function isPosition(segment: string): boolean {
  return /^(0|[1-9]\d*)$/.test(segment)
}

function byOf(known: Known): number {
  return known.is === 'object' ? 0 : known.by
}
