import type { IdSequence } from '../log/uuid.ts'
import type { Draft, DraftOutcome } from '../model/index.ts'
import type { Operation, Recorded } from '../record/recorded.ts'

/**
 * Stores an attempt and answers with the operation that its outcome will close.
 *
 * @param submit records one draft
 * @param ids name the operation where its attempt may be spooled, and have no id yet for its outcome to name
 */
export async function beginOperation(
  submit: (draft: Draft) => Promise<Recorded>,
  given: Draft,
  ids?: IdSequence,
): Promise<Operation> {
  const named = given.operation ?? ids?.next(Date.now())
  const attempt: Draft = { ...given, phase: 'attempt', ...(named === undefined ? {} : { operation: named }) }
  const recorded = await submit({ ...attempt, outcome: attempt.outcome ?? 'pending' })
  const started = performance.now()
  const operation = recorded.id === '' ? '' : (named ?? recorded.id)
  let finished: Promise<Recorded> | undefined
  return {
    id: operation,
    recorded,
    finish(outcome, more = {}) {
      // An operation is left out as a whole.
      if (recorded.paused === true) return Promise.resolve(recorded)
      const ended = timed(outcome, performance.now() - started)
      // Without an attempt the one event that there is tells everything.
      const draft: Draft =
        recorded.id === ''
          ? { ...alone(attempt), ...more, outcome: ended }
          : {
              ...inherited(attempt),
              ...more,
              action: attempt.action,
              phase: 'outcome',
              operation,
              outcome: ended,
            }
      finished ??= submit(draft).catch(error => {
        // What was refused has not finished the operation: another call may.
        finished = undefined
        throw error
      })
      return finished
    },
  }
}

/**
 * Runs work between an attempt and its outcome; returns what the work returns, and throws what it throws.
 *
 * @param report told when the outcome of work that threw could not be recorded
 */
export async function wrapOperation<R>(
  begun: Promise<Operation>,
  work: (operation: Operation) => R | Promise<R>,
  report: (error: Error) => void,
): Promise<R> {
  const operation = await begun
  let result: R
  try {
    result = await work(operation)
  } catch (error) {
    // The caller gets what the work threw; that its outcome could not be recorded as well is for the operator.
    await operation.finish(failureOutcome(error)).catch(report)
    throw error
  }
  await operation.finish('success')
  return result
}

/** Longest code and message taken from an error, in UTF-16 units: an outcome must not be refused for them. */
const LONGEST_CODE = 128
const LONGEST_MESSAGE = 8_192

/** The outcome of work that threw: code and message of the error, never its stack. Total: anything can be thrown. */
function failureOutcome(error: unknown): DraftOutcome {
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

/** The single event of an operation whose attempt is not recorded. */
function alone({ phase, operation, outcome, ...rest }: Draft): Draft {
  return rest
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
