import type { PartPlace } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'

/**
 * The parts that a `log.erasure` or `log.redaction` names, `spec/log-v1.md` section 17. Only events before it can be meant.
 *
 * @param index position of the entry
 * @param data its content, of which nothing is believed
 */
export function authorisedParts(index: number, data: unknown): PartPlace[] {
  const parts = isObject(data) ? data['parts'] : undefined
  if (!Array.isArray(parts)) return []
  return parts.filter(
    (part): part is [number, string] =>
      Array.isArray(part) &&
      part.length === 2 &&
      Number.isSafeInteger(part[0]) &&
      part[0] >= 0 &&
      part[0] < index &&
      typeof part[1] === 'string',
  )
}
