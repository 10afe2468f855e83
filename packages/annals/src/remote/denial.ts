import type { Draft, ErrorCode } from '../model/index.ts'
import type { Prepared } from './prepare.ts'

/** The outcome of an event whose caller had stopped waiting; undefined for an outcome, which tells of an action that has happened. */
export function denialOf({ line, key }: Prepared, id: string): Prepared | undefined {
  const { action, phase, operation, actor, targets, tenant, project, visibility, retention } = JSON.parse(
    line,
  ) as Draft
  if (phase === 'outcome') return undefined
  const denialKey = `${key.slice(0, 400)}/not-awaited`
  const denial: Draft = {
    action,
    phase: 'outcome',
    operation: operation ?? id,
    id: denialKey,
    outcome: {
      result: 'denied',
      code: 'ANNALS_NOT_AWAITED' satisfies ErrorCode,
      message: 'The caller had stopped waiting when the event became durable.',
    },
    occurredAt: new Date().toISOString(),
    actor,
    targets,
    tenant,
    project,
    visibility,
    retention,
  }
  const text = JSON.stringify(denial)
  return { line: text, key: denialKey, bytes: Buffer.byteLength(text), timeless: false }
}
