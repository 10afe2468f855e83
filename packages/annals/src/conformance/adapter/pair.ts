import assert from 'node:assert/strict'
import type { AuditEvent } from '../../model/index.ts'

/** The attempt and the outcome of one operation, of which there is nothing else. */
export function pair(events: readonly AuditEvent[]): readonly [AuditEvent, AuditEvent] {
  assert.equal(events.length, 2)
  const [attempt, outcome] = events as [AuditEvent, AuditEvent]
  assert.equal(attempt.phase, 'attempt')
  assert.equal(outcome.phase, 'outcome')
  assert.equal(outcome.operation, attempt.operation)
  return [attempt, outcome]
}
