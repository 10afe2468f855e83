import { formatPointer, type Json, type Note, setOwn, utf8Length, utf8Prefix } from '../../model/index.ts'
import type { MaskAction } from './definition.ts'
import type { MaskedNames } from './names.ts'
import { actionAt, below, NO_NODES, type PointerNodes } from './pointer-tree.ts'
import { MASKED, maskText } from './text.ts'
import { isHash } from './value-hash.ts'

/** Stands for a value that is to be left out. */
export const GONE: unique symbol = Symbol('gone')

/** Deepest nesting of JSON within texts that is looked at; what is deeper is masked as a whole. */
const DEEPEST = 64

/** One pass over one event. */
export interface MaskWalk {
  readonly names: MaskedNames
  readonly hash: (value: string) => string
  /** Segments of the place. */
  readonly path: (string | number)[]
  readonly notes: Note[]
}

/** What is known of a value before it is looked at. */
interface Place {
  readonly nodes: PointerNodes
  /** What becomes of it, by its name or its container. */
  readonly action: MaskAction | undefined
  /** A list in which every second text is the name of what follows, as in raw headers. */
  readonly flat?: boolean
}

/**
 * A value without its secrets, or {@link GONE}. What is not masked is returned as it is, not copied. Booleans and null stay: they
 * tell that there is a secret, not which.
 */
export function maskJson(walk: MaskWalk, value: Json, place: Place): Json | typeof GONE {
  const wanted = actionAt(place.nodes) ?? place.action
  if (value === null || typeof value === 'boolean') return value
  if (wanted === 'drop') return gone(walk)
  switch (typeof value) {
    case 'string':
      return maskString(walk, value, wanted)
    case 'number':
      if (wanted === undefined || wanted === 'keep') return value
      // Of a number no beginning can be kept.
      return wanted === 'hash' ? hashed(walk, String(value)) : gone(walk)
    default: {
      if (walk.path.length > DEEPEST) throw new RangeError('nested too deeply')
      const within = { ...place, action: wanted === 'keep' ? undefined : wanted }
      return isList(value) ? maskList(walk, value, within) : maskObject(walk, value, within)
    }
  }
}

function maskObject(walk: MaskWalk, object: { readonly [key: string]: Json }, place: Place): Json {
  const paired = pairAction(walk, object)
  let copy: Record<string, Json> | undefined
  for (const name of Object.keys(object)) {
    const value = object[name] as Json
    const action = (name === 'value' || name === 'values' ? paired : undefined) ?? walk.names.find(name)
    const masked = step(walk, name, value, {
      nodes: below(place.nodes, name),
      action: action ?? place.action,
      flat: isRawHeaders(name, value),
    })
    if (masked === value) continue
    copy ??= copyOf(object)
    if (masked === GONE) delete copy[name]
    else setOwn(copy, name, masked)
  }
  return copy ?? object
}

function maskList(walk: MaskWalk, list: readonly Json[], place: Place): Json {
  let copy: Json[] | undefined
  for (const [index, value] of list.entries()) {
    const name = place.flat === true && index % 2 === 1 ? list[index - 1] : undefined
    const action = typeof name === 'string' ? walk.names.find(name) : undefined
    const masked = step(walk, index, value, {
      nodes: below(place.nodes, String(index)),
      action: action ?? place.action,
      // A list of pairs: [['cookie', '…'], …].
      flat: isList(value) && value.length === 2,
    })
    if (masked === value) continue
    copy ??= [...list]
    // The others keep their places.
    copy[index] = masked === GONE ? null : masked
  }
  return copy ?? list
}

function step(walk: MaskWalk, segment: string | number, value: Json, place: Place): Json | typeof GONE {
  walk.path.push(segment)
  try {
    return maskJson(walk, value, place)
  } finally {
    walk.path.pop()
  }
}

function maskString(walk: MaskWalk, text: string, action: MaskAction | undefined): string {
  if (action === undefined) {
    const masked = withinText(walk, text)
    if (masked !== text) note(walk, 'masked: parts of the text')
    return masked
  }
  // What is to be dropped does not come here.
  if (action === 'keep' || action === 'drop') return text
  return action === 'hash' ? hashed(walk, text) : cut(walk, text, action)
}

/** A text in which named values are masked, be it JSON or anything else that names them. */
function withinText(walk: MaskWalk, text: string): string {
  if (/^\s*[[{"]/.test(text)) {
    try {
      const inner: MaskWalk = { ...walk, path: [], notes: [] }
      const value = JSON.parse(text) as Json
      const masked = maskJson(inner, value, { nodes: NO_NODES, action: undefined })
      return masked === value ? text : JSON.stringify(masked === GONE ? null : masked)
    } catch (error) {
      if (error instanceof RangeError) return MASKED
      // It only looks like JSON.
    }
  }
  return maskText(text, (name, value) => {
    const action = walk.names.find(name)
    if (action === undefined || action === 'keep') return value
    if (action === 'drop') return MASKED
    if (action === 'hash') return isHash(value) ? value : walk.hash(value)
    return utf8Prefix(value, action.truncate)
  })
}

function hashed(walk: MaskWalk, text: string): string {
  if (isHash(text)) return text
  note(walk, 'masked: keyed hash')
  return walk.hash(text)
}

/** A cut text has no digest in `truncated`: of a short secret it would give away the rest. */
function cut(walk: MaskWalk, text: string, { truncate }: { readonly truncate: number }): string {
  if (utf8Length(text) <= truncate) return text
  note(walk, `masked: cut to ${truncate} bytes`)
  return utf8Prefix(text, truncate)
}

function gone(walk: MaskWalk): typeof GONE {
  note(walk, 'masked: left out')
  return GONE
}

function note(walk: MaskWalk, reason: string): void {
  walk.notes.push({ path: formatPointer(walk.path), reason })
}

/** What becomes of the value of `{name: 'cookie', value: '…'}`. */
function pairAction(walk: MaskWalk, object: { readonly [key: string]: Json }): MaskAction | undefined {
  for (const key of ['name', 'key', 'header', 'field']) {
    const name = Object.hasOwn(object, key) ? object[key] : undefined
    const action = typeof name === 'string' ? walk.names.find(name) : undefined
    if (action !== undefined) return action
  }
  return undefined
}

/** Raw headers, as Node.js has them: names and values in turn. */
function isRawHeaders(name: string, value: Json): boolean {
  return isList(value) && value.length % 2 === 0 && /headers$/i.test(name)
}

function copyOf(object: { readonly [key: string]: Json }): Record<string, Json> {
  const copy: Record<string, Json> = {}
  for (const name of Object.keys(object)) setOwn(copy, name, object[name] as Json)
  return copy
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
