export { isLogAction, isPath, isWithin, LOG_ROOT, lineage } from './action.ts'
export { applyChanges } from './apply-changes.ts'
export { type DiffOptions, diff } from './diff.ts'
export type { Draft, DraftActor, DraftOutcome } from './draft.ts'
export type { Durability } from './durability.ts'
export { sameJson, spellJson } from './equal.ts'
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
export { fitEvent, KEPT_BYTES } from './fit.ts'
export { formatInstant, parseInstant } from './instant.ts'
export { isIp } from './ip.ts'
export { checkJson } from './json-copy.ts'
export { DEFAULT_LIMITS, type Limits, lowerLimits } from './limits.ts'
export { didYouMean, nearest } from './nearest.ts'
export {
  DEFAULT_RETENTION,
  DEFAULT_VERSION,
  DEFAULT_VISIBILITY,
  type DefaultedField,
  draftOf,
  type IdempotencyKey,
  MALFORMED_ACTOR,
  type NormalEvent,
} from './normal-event.ts'
export { type NormalizeOptions, normalizeDraft } from './normalize.ts'
export { isPlain, setOwn } from './own.ts'
export { escapeSegment, formatPointer, isPointer, parsePointer, valueAt } from './pointer.ts'
export { utf8Length, utf8Prefix } from './utf8.ts'
