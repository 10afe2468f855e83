import type { Outcome } from '../../model/index.ts'
import { type Fields, identifierOf } from '../fields.ts'

/** Actions that say that something did not work: `user.failed_login`, `user.two_factor_challenge_failure`, … */
const FAILED = /(?:^|[._])(?:failed|failure)(?:[._]|$)/
/** A push that branch protection refused. */
const REFUSED: ReadonlySet<string> = new Set(['protected_branch.rejected_ref_update'])

/** Conclusions of workflow runs and check suites. GitHub takes neutral and skipped ones as passed. */
const PASSED: ReadonlySet<string> = new Set(['success', 'neutral', 'skipped'])
const NOT_PASSED: ReadonlySet<string> = new Set([
  'failure',
  'timed_out',
  'startup_failure',
  'cancelled',
  'action_required',
  'stale',
])

/**
 * How an action ended. GitHub logs what was done, so that is `success`, unless the record says otherwise: by the HTTP status of
 * `api.request`, by the conclusion of a workflow run, or by the name of the action.
 */
export function outcomeOf(record: Fields, action: string): Outcome {
  const status = record['status_code']
  if (typeof status === 'number' && Number.isInteger(status) && status >= 100 && status < 600) {
    if (status < 400) return { result: 'success' }
    return { result: status === 401 || status === 403 ? 'denied' : 'failure', code: String(status) }
  }
  const conclusion = identifierOf(record['conclusion'])
  if (conclusion !== undefined) {
    if (PASSED.has(conclusion)) return { result: 'success' }
    return { result: NOT_PASSED.has(conclusion) ? 'failure' : 'unknown', code: conclusion }
  }
  if (REFUSED.has(action)) return { result: 'denied' }
  return { result: FAILED.test(action) ? 'failure' : 'success' }
}
