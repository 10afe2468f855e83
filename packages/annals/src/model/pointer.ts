/**
 * One segment of a JSON pointer, escaped as RFC 6901 asks: `~` becomes `~0`, `/` becomes `~1`.
 *
 * @example
 * ```ts
 * escapeSegment('a/b~c') // 'a~1b~0c'
 * ```
 */
export function escapeSegment(segment: string): string {
  return segment.includes('~') || segment.includes('/')
    ? segment.replaceAll('~', '~0').replaceAll('/', '~1')
    : segment
}

/**
 * Whether a text is a JSON pointer (RFC 6901): empty, or segments that each begin with `/`, `~` only as `~0` or `~1`.
 *
 * @example
 * ```ts
 * isPointer('/tags/a~1b') // true
 * isPointer('tags')       // false
 * ```
 */
export function isPointer(text: string): boolean {
  if (text !== '' && text.charCodeAt(0) !== 47) return false
  for (let tilde = text.indexOf('~'); tilde >= 0; tilde = text.indexOf('~', tilde + 1)) {
    const next = text.charCodeAt(tilde + 1)
    if (next !== 48 && next !== 49) return false
  }
  return true
}

/**
 * The pointer of some segments.
 *
 * @example
 * ```ts
 * formatPointer(['nics', 0, 'a/b']) // '/nics/0/a~1b'
 * ```
 */
export function formatPointer(segments: readonly (string | number)[]): string {
  let text = ''
  for (const segment of segments) text += `/${typeof segment === 'number' ? segment : escapeSegment(segment)}`
  return text
}

/**
 * The segments of a pointer.
 *
 * @throws TypeError for a text that is no JSON pointer
 * @example
 * ```ts
 * parsePointer('/nics/0/a~1b') // ['nics', '0', 'a/b']
 * ```
 */
export function parsePointer(pointer: string): string[] {
  if (!isPointer(pointer)) throw new TypeError(`'${pointer}' is not a JSON pointer`)
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map(segment => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The position that a pointer segment means in an array: decimal without leading zeros, or undefined. */
export function arrayPosition(segment: string): number | undefined {
  if (segment.length === 0 || segment.length > 15) return undefined
  const position = Number(segment)
  return Number.isInteger(position) && position >= 0 && String(position) === segment ? position : undefined
}

/**
 * The value at a pointer's segments, or undefined. Own members only, so `__proto__` and `constructor` are ordinary names.
 *
 * @example
 * ```ts
 * valueAt({ data: { owners: ['u1'] } }, ['data', 'owners', '0']) // 'u1'
 * ```
 */
export function valueAt(root: unknown, segments: readonly string[]): unknown {
  let value = root
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value)) {
      const position = arrayPosition(segment)
      if (position === undefined) return undefined
      value = value[position]
    } else {
      if (!Object.hasOwn(value, segment)) return undefined
      value = (value as Readonly<Record<string, unknown>>)[segment]
    }
  }
  return value
}
