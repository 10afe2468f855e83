import type { Entry } from '../log/entry.ts'
import { parsePart } from '../log/parse-part.ts'
import { readEvent, type StoredPart } from '../log/read-event.ts'
import type { AuditEvent } from '../model/index.ts'

type Header = 'id' | 'index' | 'action' | 'phase' | 'operation' | 'outcome' | 'recordedAt' | 'retention'

/**
 * An event as far as it was disclosed. What the entry says is always there; of the rest, what the disclosed parts say. Nothing
 * is made up for a part that was not disclosed.
 */
export interface DisclosedEvent extends Pick<AuditEvent, Header>, Partial<Omit<AuditEvent, Header>> {
  /** Names of the parts that were not disclosed, sorted. */
  readonly undisclosed?: readonly string[]
}

const OF_WHO = ['actor', 'origin'] as const
const OF_WHAT = ['version', 'occurredAt', 'targets', 'visibility'] as const

/**
 * Puts together what was disclosed of an event.
 *
 * @param parts disclosed parts as canonical JSON, and erased ones as null; sorted by name
 */
export function disclosedEvent(index: number, entry: Entry, parts: readonly StoredPart[]): DisclosedEvent {
  const given = new Set(parts.map(part => part.name))
  const undisclosed = Object.keys(entry.commitments)
    .filter(name => !given.has(name))
    .sort()
  const read = readEvent(index, entry, parts)
  // The entry is what the tree commits to: no part can say otherwise.
  const event: Record<string, unknown> = {
    ...read,
    id: entry.id,
    index,
    action: entry.action,
    phase: entry.phase,
    operation: entry.operation ?? entry.id,
    recordedAt: read.recordedAt,
    outcome: { ...read.outcome, result: entry.result },
    retention: entry.retention,
  }
  if (undisclosed.length === 0) return event as unknown as DisclosedEvent
  if (undisclosed.includes('who')) for (const field of OF_WHO) delete event[field]
  if (undisclosed.some(name => name !== 'who')) {
    const said = parts.flatMap(part => (part.json === null ? [] : membersOf(part)))
    for (const field of OF_WHAT) if (!said.includes(field)) delete event[field]
  }
  return { ...(event as unknown as DisclosedEvent), undisclosed }
}

/** First-level fields of the event that a part says something of. */
function membersOf({ name, json }: StoredPart): string[] {
  const names = Object.keys(parsePart(json as string) as object)
  return name === 'who' || name === 'what' ? names : names.map(pointer => pointer.split('/')[1] ?? '')
}
