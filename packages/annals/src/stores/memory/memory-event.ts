import { readEvent } from '../../log/read-event.ts'
import type { AuditEvent } from '../../model/index.ts'
import type { MemoryLog } from './memory-log.ts'

/**
 * The event at a position below the size, decoded from its record; undefined when it was thinned.
 *
 * @param without parts that are withheld from whoever reads
 */
export function eventAt(log: MemoryLog, index: number, without?: readonly string[]): AuditEvent | undefined {
  const { entry, record } = log.at(index)
  if (entry === undefined) return undefined
  const parts = record.parts.map(({ name, bytes }) => ({
    name,
    json: bytes === null ? null : bytes.toString('utf8'),
  }))
  return readEvent(index, entry, parts, without)
}
