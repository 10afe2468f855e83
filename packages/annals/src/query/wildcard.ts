/**
 * Whether a value is the parts in order with anything between them. Linear: each inner part is taken where it
 * occurs first.
 *
 * @example
 * ```ts
 * meetsWildcard('web-3', ['we', '3']) // true, as of we*3
 * ```
 */
export function meetsWildcard(value: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (parts.length < 2) return value === first
  const end = value.length - last.length
  if (!value.startsWith(first) || !value.endsWith(last) || end < first.length) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= end
}
