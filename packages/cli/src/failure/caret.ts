import { visible } from '../output/escape.ts'
import { widthOf } from '../output/width.ts'

/**
 * A query and, on the line below, carets under the half-open range of the error.
 *
 * @example
 * ```ts
 * caretLines('outcom:success', [0, 6]) // ['outcom:success', '^^^^^^']
 * ```
 */
export function caretLines(query: string, [from, to]: readonly [number, number]): readonly [string, string] {
  const before = visible(query.slice(0, from))
  const marked = visible(query.slice(from, Math.max(from, to)))
  return [visible(query), ' '.repeat(widthOf(before)) + '^'.repeat(Math.max(1, widthOf(marked)))]
}
