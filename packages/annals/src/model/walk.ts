import { AnnalsError } from './errors.ts'
import type { Limits } from './limits.ts'
import { didYouMean } from './nearest.ts'
import { formatPointer } from './pointer.ts'
import { utf8Length } from './utf8.ts'

/** State of one check of one draft: the limits, where it is, and how many values it may still visit. */
export interface Walk {
  readonly limits: Limits
  /** Segments of the container being read. */
  readonly path: (string | number)[]
  /** Values left: each costs at least a byte of JSON, so more than `eventBytes` of them cannot fit. Also ends cycles. */
  left: number
}

/** Starts a check. */
export function startWalk(limits: Limits): Walk {
  return { limits, path: [], left: limits.eventBytes }
}

/** Throws ANNALS_INVALID for a member of the container being read; `what` never quotes a value, which may be secret. */
export function refuse(walk: Walk, key: string | number, what: string, hint?: string): never {
  throw failure('ANNALS_INVALID', formatPointer([...walk.path, key]), what, hint)
}

/** Throws ANNALS_LIMIT for a member of the container being read. */
export function exceed(walk: Walk, key: string | number, what: string, hint?: string): never {
  throw failure('ANNALS_LIMIT', formatPointer([...walk.path, key]), what, hint)
}

/** An error whose message begins with the path. */
export function failure(
  code: 'ANNALS_INVALID' | 'ANNALS_LIMIT',
  path: string,
  what: string,
  hint?: string,
): AnnalsError {
  const message = `${path === '' ? 'draft' : path}: ${what}`
  return new AnnalsError(code, message, hint === undefined ? { path } : { path, hint })
}

/** Throws for a member that the container does not have, naming the nearest one it has. */
export function refuseUnknown(walk: Walk, key: string, known: readonly string[]): never {
  return refuse(walk, key, 'unknown field', didYouMean(key, known) ?? `known fields: ${known.join(', ')}`)
}

/** What a value is, in words, without quoting it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  switch (typeof value) {
    case 'object': {
      const maker: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name
      return typeof maker === 'string' && maker !== '' && maker !== 'Object'
        ? `a ${maker.slice(0, 64)}`
        : 'an object'
    }
    case 'undefined':
      return 'undefined'
    default:
      return `a ${typeof value}`
  }
}

/** Any well-formed text. */
export function takeText(walk: Walk, key: string | number, value: unknown): string {
  if (typeof value !== 'string')
    return refuse(walk, key, `must be a string, got ${kindOf(value)}`, hintFor(value))
  if (!value.isWellFormed()) return refuse(walk, key, 'holds a lone surrogate, which UTF-8 cannot carry')
  return value
}

/** A text within `limits.identifierBytes`. */
export function takeShort(walk: Walk, key: string | number, value: unknown): string {
  const text = takeText(walk, key, value)
  const most = walk.limits.identifierBytes
  if (text.length * 3 > most && (text.length > most || utf8Length(text) > most))
    exceed(walk, key, `is longer than ${most} bytes`)
  return text
}

/** A text within `limits.identifierBytes` that is not empty. */
export function takeIdentifier(walk: Walk, key: string | number, value: unknown): string {
  const text = takeShort(walk, key, value)
  return text === '' ? refuse(walk, key, 'must not be empty') : text
}

function hintFor(value: unknown): string | undefined {
  if (value === null) return 'leave the field out instead'
  return typeof value === 'number' || typeof value === 'bigint' ? 'convert it with String()' : undefined
}

/** Runs a check; whatever a hostile accessor or proxy throws becomes ANNALS_INVALID. */
export function guardReads<T>(walk: Walk, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw unreadable(walk, error)
  }
}

/** An AnnalsError as it is; anything else, thrown while a value was read, as ANNALS_INVALID. */
export function unreadable(walk: Walk, error: unknown): AnnalsError {
  if (error instanceof AnnalsError) return error
  const path = formatPointer(walk.path)
  return new AnnalsError(
    'ANNALS_INVALID',
    `${path === '' ? 'draft' : path}: a value threw while it was read`,
    { path, cause: error },
  )
}
