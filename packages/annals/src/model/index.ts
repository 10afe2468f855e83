export { isLogAction, isPath, isWithin, LOG_ROOT, lineage } from './action.ts'
export type { Draft, DraftActor, DraftOutcome } from './draft.ts'
export { AnnalsError, ERROR_CODES, type ErrorCode, type ErrorDetails } from './errors.ts'
export {
  type Actor,
  type AuditEvent,
  type Backfill,
  type Change,
  type Credential,
  type Json,
  type Note,
  type Origin,
  OUTCOME_RESULTS,
  type Outcome,
  type OutcomeResult,
  PHASES,
  type Phase,
  type Source,
  type Target,
  type Truncation,
  VISIBILITIES,
  type Visibility,
} from './event.ts'
export { DEFAULT_LIMITS, type Limits, lowerLimits } from './limits.ts'
