import { type PartPersons, personsOf } from '../../catalog/index.ts'
import type { Admitted } from '../../log/item.ts'
import { formatParts } from '../../log/parts.ts'
import {
  DEFAULT_LIMITS,
  type Draft,
  type IdempotencyKey,
  isLogAction,
  normalizeDraft,
} from '../../model/index.ts'

const CATALOG: Parameters<typeof personsOf>[1] = {
  personTypes: ['user'],
  get: () => undefined,
  latest: event => event,
}

/**
 * A draft as the sequencer takes it: checked, split into parts, with its persons. Unlike a recorder it admits the log's own
 * events as well.
 */
export function admitted(draft: Draft, now: number, keyOf: (key: IdempotencyKey) => string): Admitted {
  const event = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now, own: isLogAction(draft.action) })
  const parts = formatParts(event)
  const found: PartPersons = personsOf(event, CATALOG)
  return {
    action: event.action,
    phase: event.phase,
    retention: event.retention,
    content: event,
    parts,
    persons: Object.keys(found).length === 0 ? undefined : parts.map(part => found[part.name] ?? []),
    operation: event.operation,
    key: event.key === undefined ? undefined : keyOf(event.key),
    timeless: draft.occurredAt === undefined,
  }
}
