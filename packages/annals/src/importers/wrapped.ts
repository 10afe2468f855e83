import { type Fields, isFields, openRecord } from './fields.ts'
import { ImportReject } from './importer.ts'

/** How a source's records look, and where shippers put them. */
export interface Wrapping {
  /** Members that tell a record of the source from something around it; one of them is enough. */
  readonly marks: readonly string[]
  /** Members in which others put the record, such as `event` of Splunk's HTTP event collector. */
  readonly inside: readonly string[]
}

/**
 * Converts a record, or the one record inside of what a shipper put around it. What the shipper says besides is about the
 * delivery, not the event, and is passed over: the same record gives the same result however it came. Paths of rejects begin
 * at what was given.
 *
 * @throws ImportReject when neither is an object, or `convert` throws it
 * @example
 * ```ts
 * unwrapped({ time: 1, event: { action: 'repo.create' } }, { marks: ['action'], inside: ['event'] }, record => record['action'])
 * ```
 */
export function unwrapped<R>(given: unknown, wrapping: Wrapping, convert: (record: Fields) => R): R {
  const inner = insideOf(given, wrapping)
  if (inner === undefined) return convert(openRecord(given))
  try {
    return convert(openRecord(inner.record))
  } catch (error) {
    if (error instanceof ImportReject) throw new ImportReject(`/${inner.key}${error.path}`, error.reason)
    throw error
  }
}

function insideOf(
  given: unknown,
  { marks, inside }: Wrapping,
): { readonly key: string; readonly record: Fields } | undefined {
  if (!isFields(given) || marks.some(mark => Object.hasOwn(given, mark))) return undefined
  for (const key of inside) {
    const record = Object.hasOwn(given, key) ? given[key] : undefined
    if (isFields(record)) return { key, record }
  }
  return undefined
}
