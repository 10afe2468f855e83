import { fold } from './fold.ts'
import { remember } from './remember.ts'

/** Longest value of a term in ASCII bytes, without prefix; longer ones are cut and end in a lone `%`. */
export const TERM_BYTES = 64

/** A value as it stands in a term. */
export interface EncodedTerm {
  readonly text: string
  /** Not cut: no other value has this term. */
  readonly exact: boolean
}

/**
 * A value as printable ASCII for a term: folded, and every UTF-8 byte that is no printable ASCII character, a space,
 * a quote or `%` as `%xx`. Beginnings of values are beginnings of terms.
 *
 * @example
 * ```ts
 * encodeTerm('Jörg') // { text: 'j%c3%b6rg', exact: true }
 * ```
 */
export function encodeTerm(value: string): EncodedTerm {
  const text = escaped(fold(value))
  return text.length > TERM_BYTES
    ? { text: `${text.slice(0, TERM_BYTES)}%`, exact: false }
    : { text, exact: true }
}

/**
 * The terms that values beginning so can have.
 *
 * @example
 * ```ts
 * encodePrefix('Jö') // { text: 'j%c3%b6', exact: true }: as a prefix, unless it was cut
 * ```
 */
export function encodePrefix(beginning: string): EncodedTerm {
  const last = beginning.charCodeAt(beginning.length - 1)
  const splitsPair = last >= 0xd800 && last < 0xdc00
  const encoded = encodeTerm(splitsPair ? beginning.slice(0, -1) : beginning)
  return splitsPair ? { text: encoded.text, exact: false } : encoded
}

/** The text of {@link encodeTerm} for the values of events, most of which are as their terms. */
export function termText(value: string): string {
  return isOwnTerm(value) ? value : slowTermText(value)
}

const slowTermText = remember(8192, value => encodeTerm(value).text)

function isOwnTerm(value: string): boolean {
  if (value.length > TERM_BYTES) return false
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (!isPlain(code) || (code >= 65 && code <= 90)) return false
  }
  return true
}

function escaped(folded: string): string {
  let at = 0
  while (at < folded.length && isPlain(folded.charCodeAt(at))) at++
  if (at === folded.length) return folded
  let out = folded.slice(0, at)
  // A value is cut anyway: what lies far beyond is not worth escaping.
  while (at < folded.length && out.length <= TERM_BYTES) {
    const code = folded.codePointAt(at) ?? 0
    out += isPlain(code) ? String.fromCharCode(code) : escapeBytes(code)
    at += code > 0xffff ? 2 : 1
  }
  return out
}

/** Printable ASCII but for `"`, `%` and `'`. */
function isPlain(code: number): boolean {
  return code > 32 && code < 127 && code !== 34 && code !== 37 && code !== 39
}

/** UTF-8, in which a lone surrogate has bytes of its own (WTF-8), so that no two values share a term. */
function escapeBytes(code: number): string {
  if (code < 0x80) return byte(code)
  if (code < 0x800) return byte(0xc0 | (code >> 6)) + continuation(code)
  if (code < 0x10000) return byte(0xe0 | (code >> 12)) + continuation(code >> 6) + continuation(code)
  return byte(0xf0 | (code >> 18)) + continuation(code >> 12) + continuation(code >> 6) + continuation(code)
}

function continuation(bits: number): string {
  return byte(0x80 | (bits & 0x3f))
}

function byte(value: number): string {
  return `%${value.toString(16).padStart(2, '0')}`
}
