// RFC 8785 (JSON Canonicalization Scheme) for I-JSON (RFC 7493) values.
import { CanonicalError, findFault } from './canonical-fault.ts'
import { isPlain } from './plain.ts'

/** Nesting allowed unless told otherwise: a scalar has depth 0, `[]` has 1. */
export const DEFAULT_MAX_DEPTH: number = 32

/** Settings of `canonicalize`. */
export interface CanonicalizeOptions {
  /** Deepest nesting of arrays and objects, 0 to 1,000. @defaultValue 32 */
  readonly maxDepth?: number
}

/**
 * The canonical JSON text of a value, RFC 8785: keys sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript writes them. Members whose value is undefined are omitted; symbol keys are not data and are ignored.
 *
 * Stricter than RFC 8785 where JSON would lose something: lone surrogates, NaN, infinities, integers beyond 2^53 - 1,
 * undefined and holes in arrays, bigints, functions, symbols, class instances (Date, Map, ...), cycles and deep
 * nesting are refused.
 *
 * @throws CanonicalError (E_CANON) with the path and reason
 * @example
 * canonicalize({ b: [1, -0], a: 'x' }) // '{"a":"x","b":[1,0]}'
 */
export function canonicalize(value: unknown, options?: CanonicalizeOptions): string {
  const maxDepth = options?.maxDepth ?? DEFAULT_MAX_DEPTH
  if (!Number.isInteger(maxDepth) || maxDepth < 0 || maxDepth > 1000) {
    throw new RangeError('maxDepth must be a whole number from 0 to 1,000')
  }
  const text = write(value, maxDepth)
  if (text !== undefined) return text
  // The writer is fast because it only knows that something is wrong; what and where is found in a second pass.
  const fault = findFault(value, maxDepth)
  throw new CanonicalError(fault.path, fault.reason)
}

/**
 * The canonical JSON text of a string, quotes included: what `canonicalize` gives for it. For writers of fixed forms.
 *
 * @throws CanonicalError (E_CANON) for a lone surrogate
 * @example
 * canonicalizeString('a"b') // '"a\\"b"'
 */
export function canonicalizeString(text: string): string {
  if (typeof text !== 'string') throw new TypeError('text must be a string')
  const quoted = quote(text)
  if (quoted === undefined) throw new CanonicalError('', 'lone surrogate')
  return quoted
}

// Control characters, the quote, the backslash, and surrogates, which need a look even in pairs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
const careful = /["\\\u0000-\u001f\ud800-\udfff]/

function quote(text: string): string | undefined {
  if (!careful.test(text)) return `"${text}"`
  return text.isWellFormed() ? JSON.stringify(text) : undefined
}

/** Canonical text, or undefined for what canonical JSON cannot carry. */
function write(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return writeNumber(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === 0) return undefined
      return Array.isArray(value) ? writeArray(value, depth - 1) : writeObject(value, depth - 1)
    default:
      return undefined
  }
}

function writeNumber(value: number): string | undefined {
  if (Number.isSafeInteger(value)) return value === 0 ? '0' : String(value)
  return Number.isFinite(value) && !Number.isInteger(value) ? String(value) : undefined
}

function writeArray(values: readonly unknown[], depth: number): string | undefined {
  let text = '['
  for (let i = 0; i < values.length; i++) {
    const item = write(values[i], depth)
    if (item === undefined) return undefined
    text += i === 0 ? item : `,${item}`
  }
  return `${text}]`
}

function writeObject(value: object, depth: number): string | undefined {
  if (!isPlain(value)) return undefined
  const members = value as Readonly<Record<string, unknown>>
  const keys = sortKeys(Object.keys(members))
  let text = ''
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string
    const member = members[key]
    if (member === undefined) continue
    const name = quote(key)
    const item = write(member, depth)
    if (name === undefined || item === undefined) return undefined
    text += text === '' ? `${name}:${item}` : `,${name}:${item}`
  }
  return `{${text}}`
}

/** Sorts in place by UTF-16 code units, which is how `<` compares strings. */
function sortKeys(keys: string[]): string[] {
  // Insertion is fastest for the few and mostly sorted keys of events; many keys must not make it quadratic.
  if (keys.length > 24) return keys.sort()
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string
    let hole = i
    while (hole > 0 && (keys[hole - 1] as string) > key) {
      keys[hole] = keys[hole - 1] as string
      hole--
    }
    keys[hole] = key
  }
  return keys
}
