import type { AuditEvent } from 'annals/model'

/** An event with sensible values for what a test does not care about. */
export function eventOf(given: Partial<AuditEvent> = {}): AuditEvent {
  const id = given.id ?? '019a7c1e-7a52-7d0c-b3b1-f0e8a4d11000'
  return {
    id,
    index: 0,
    action: 'machine.delete',
    version: 1,
    phase: 'single',
    operation: id,
    outcome: { result: 'success' },
    occurredAt: '2026-11-21T11:02:41.318Z',
    recordedAt: '2026-11-21T11:02:41.400Z',
    actor: { type: 'user', id: 'u-1', name: 'alice' },
    targets: [{ type: 'machine', id: '0f3c', name: 'web-3' }],
    origin: { ip: '10.4.7.9' },
    visibility: 'owner',
    retention: 'standard',
    ...given,
  }
}
