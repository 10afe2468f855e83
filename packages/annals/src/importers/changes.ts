import { type Change, DEFAULT_LIMITS, diff, type Json } from '../model/index.ts'
import { type Fields, fits } from './fields.ts'

/** Most values that are compared: beyond it the comparison could take longer than the rest of the import. */
const MOST_VALUES = 2000

/**
 * What changed between two objects of a source record, place by place; undefined when an event cannot say it, because there
 * are more than 2,000 values or a path is longer than 512 bytes.
 *
 * @example
 * ```ts
 * changesBetween({ visibility: 'private' }, { visibility: 'public' })
 * // [{ path: '/visibility', op: 'replace', before: 'private', after: 'public' }]
 * ```
 */
export function changesBetween(before: Fields, after: Fields): readonly Change[] | undefined {
  if (isLarge([before, after])) return undefined
  const changes = diff(
    before as { readonly [key: string]: Json },
    after as { readonly [key: string]: Json },
    {
      most: DEFAULT_LIMITS.changes,
    },
  )
  return changes.every(change => fits(change.path)) ? changes : undefined
}

function isLarge(value: unknown): boolean {
  const open: unknown[] = [value]
  for (let seen = 0; open.length > 0; seen += 1) {
    if (seen + open.length > MOST_VALUES) return true
    const next = open.pop()
    if (typeof next === 'object' && next !== null) for (const part of Object.values(next)) open.push(part)
  }
  return false
}
