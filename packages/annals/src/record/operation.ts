import type { Draft, DraftOutcome } from '../model/index.ts'
import type { Operation, Recorded } from '../record/recorded.ts'

/**
 * Stores an attempt and answers with the operation that its outcome will close.
 *
 * @param submit records one draft
 */
export async function beginOperation(
  submit: (draft: Draft) => Promise<Recorded>,
  attempt: Draft,
): Promise<Operation> {
  const recorded = await submit({ ...attempt, outcome: attempt.outcome ?? 'pending' })
  const started = performance.now()
  let finished: Promise<Recorded> | undefined
  return {
    id: recorded.id,
    recorded,
    finish(outcome, more = {}) {
      finished ??= submit({
        ...inherited(attempt),
        ...more,
        action: attempt.action,
        phase: 'outcome',
        operation: recorded.id,
        outcome: timed(outcome, performance.now() - started),
      }).catch(error => {
        // What was refused has not finished the operation: another call may.
        finished = undefined
        throw error
      })
      return finished
    },
  }
}

/** Longest code and message taken from an error, in UTF-16 units: an outcome must not be refused for them. */
const LONGEST_CODE = 128
const LONGEST_MESSAGE = 8_192

/** The outcome of work that threw: code and message of the error, never its stack. Total: anything can be thrown. */
export function failureOutcome(error: unknown): DraftOutcome {
  try {
    const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown }
    const label = [code, name].find(word => typeof word === 'string' && word !== '') as string | undefined
    return {
      result: 'failure',
      ...(label === undefined ? {} : { code: label.slice(0, LONGEST_CODE).toWellFormed() }),
      message: (typeof message === 'string' ? message : String(error))
        .slice(0, LONGEST_MESSAGE)
        .toWellFormed(),
    }
  } catch {
    return 'failure'
  }
}

/** What an outcome repeats of its attempt, so that either is found by actor, target or tenant. */
function inherited({
  id,
  occurredAt,
  changes,
  outcome,
  source,
  backfill,
  notes,
  description,
  ...rest
}: Draft): Omit<Draft, 'action'> {
  return rest
}

function timed(outcome: DraftOutcome, elapsed: number): DraftOutcome {
  const whole = typeof outcome === 'string' ? { result: outcome } : outcome
  return whole.durationMs === undefined ? { ...whole, durationMs: Math.round(elapsed * 1000) / 1000 } : whole
}
