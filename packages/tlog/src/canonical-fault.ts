import { TlogError } from './error.ts'
import { isPlain } from './plain.ts'

/** Why a value has no canonical JSON text, or bytes are not canonical JSON. */
export type CanonicalReason =
  | 'lone surrogate'
  | 'not a finite number'
  | 'integer beyond 2^53 - 1'
  | 'hole in an array'
  | 'undefined'
  | 'not JSON data'
  | 'cycle'
  | 'too deep'
  | 'not UTF-8'
  | 'not JSON'
  | 'not canonical'
  | 'changed while read'

/**
 * A value that canonical JSON cannot carry, or bytes that are not canonical JSON. The message does not repeat the
 * value.
 *
 * @example
 * try {
 *   canonicalize({ a: [Number.NaN] })
 * } catch (error) {
 *   if (error instanceof CanonicalError) error.path // '/a/0'
 * }
 */
export class CanonicalError extends TlogError {
  override readonly name: string = 'CanonicalError'
  /** Where: a JSON pointer (RFC 6901); '' is the whole value. A lone surrogate of a key is shown as U+FFFD. */
  readonly path: string
  /** What is wrong there. */
  readonly reason: CanonicalReason

  constructor(path: string, reason: CanonicalReason) {
    super('E_CANON', `${reason} at ${path === '' ? 'the top' : path}`)
    this.path = path
    this.reason = reason
  }
}

/** Where and why, as in CanonicalError. */
export interface CanonicalFault {
  readonly path: string
  readonly reason: CanonicalReason
}

/** The first fault in canonical order of a value that could not be written. */
export function findFault(value: unknown, maxDepth: number): CanonicalFault {
  return search(value, '', [], maxDepth) ?? { path: '', reason: 'changed while read' }
}

type Fault = CanonicalFault | undefined

function search(value: unknown, path: string, ancestors: readonly object[], maxDepth: number): Fault {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : { path, reason: 'lone surrogate' }
    case 'number':
      if (!Number.isFinite(value)) return { path, reason: 'not a finite number' }
      if (Number.isInteger(value) && !Number.isSafeInteger(value))
        return { path, reason: 'integer beyond 2^53 - 1' }
      return undefined
    case 'boolean':
      return undefined
    case 'undefined':
      return { path, reason: 'undefined' }
    case 'object':
      return value === null ? undefined : searchInside(value, path, ancestors, maxDepth)
    default:
      return { path, reason: 'not JSON data' }
  }
}

function searchInside(value: object, path: string, ancestors: readonly object[], maxDepth: number): Fault {
  if (!Array.isArray(value) && !isPlain(value)) return { path, reason: 'not JSON data' }
  if (ancestors.includes(value)) return { path, reason: 'cycle' }
  if (ancestors.length >= maxDepth) return { path, reason: 'too deep' }
  const inside = [...ancestors, value]
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (!(i in value)) return { path: `${path}/${i}`, reason: 'hole in an array' }
      const fault = search(value[i], `${path}/${i}`, inside, maxDepth)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  for (const key of Object.keys(value).sort()) {
    const member: unknown = (value as Readonly<Record<string, unknown>>)[key]
    if (member === undefined) continue
    const place = `${path}/${key.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!key.isWellFormed()) return { path: place, reason: 'lone surrogate' }
    const fault = search(member, place, inside, maxDepth)
    if (fault !== undefined) return fault
  }
  return undefined
}
