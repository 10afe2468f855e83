import { requireBytes } from './bytes.ts'
import { CanonicalError } from './canonical-fault.ts'
import { canonicalize } from './jcs.ts'
import { reparse } from './reparse.ts'
import { decodeUtf8 } from './utf8.ts'

/**
 * Parses bytes that must be canonical JSON as `canonicalize` gives it: the law is
 * `canonicalize(parseCanonical(bytes))` encodes to the same bytes. So duplicate keys, spaces, another order, another
 * spelling of a number or string, a byte order mark and invalid UTF-8 are all refused.
 *
 * A key `__proto__` becomes an ordinary own property, as JSON.parse makes it.
 *
 * @throws CanonicalError (E_CANON)
 * @example
 * parseCanonical(new TextEncoder().encode('{"a":1}')) // { a: 1 }
 */
export function parseCanonical(bytes: Uint8Array): unknown {
  requireBytes(bytes, 'bytes')
  const text = decodeUtf8(bytes)
  if (text === undefined) throw new CanonicalError('', 'not UTF-8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new CanonicalError('', 'not JSON')
  }
  if (canonicalize(value) === text) return value
  // V8 may have misread an escaped key; a text without escapes is simply not canonical.
  const exact = text.includes('\\') ? reparse(text) : undefined
  if (exact === undefined || canonicalize(exact) !== text) throw new CanonicalError('', 'not canonical')
  return exact
}
