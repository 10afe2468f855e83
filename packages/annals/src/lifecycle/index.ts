export type { Act, ActContext, Progress } from './act.ts'
export { ACTS, actNamed } from './acts.ts'
export type {
  Archive,
  ArchiveContent,
  ArchivedObject,
  ArchiveSpec,
  LockMode,
} from './archive/archive.ts'
export type { ArchiveRequest } from './archive/request.ts'
export { type ArchivedNow, type ArchiveRun, archive, type HeldBack } from './archive/run.ts'
export { type ListedChunk, listChunks } from './chunks.ts'
export { type EraseResult, erase } from './erase.ts'
export type { EraseRequest, MentionPolicy } from './erase-request.ts'
export { type HoldRequest, type HoldResult, hold } from './hold.ts'
export { foldHolds, HOLD_QUERY, type Hold, type HoldScope } from './holds.ts'
export { type ListedKey, listKeys } from './list-keys.ts'
export { type PauseRequest, type PauseResult, pause } from './pause.ts'
export { type ReleaseRequest, type ReleaseResult, release } from './release.ts'
export { type ResumeRequest, resume } from './resume.ts'
export {
  type RetentionPlanRequest,
  type RetentionRunRequest,
  retentionPlan,
  retentionRun,
} from './retention-acts.ts'
export type { PlannedNext, PlannedRemoval, RetentionPlan } from './retention-plan.ts'
export {
  type PolicyInForce,
  policyInForce,
  type RetentionPolicy,
  type RuleSource,
  ruleFor,
} from './retention-policy.ts'
export { type RetentionPolicySet, retentionPolicy } from './retention-policy-act.ts'
export { type RetentionRule, type RetentionRules, ruleText } from './retention-rule.ts'
export type { RetentionRun } from './retention-run.ts'
export { type RotatedKek, rotateKek } from './rotate-kek.ts'
export {
  OVERLAP_SECONDS,
  type RetiredLogKeys,
  type RetireLogKeyRequest,
  type RotatedLogKey,
  type RotateLogKeyRequest,
  retireLogKey,
  rotateLogKey,
} from './rotate-log-key.ts'
export { type NotSealed, type Sealed, type SealedNow, type SealRequest, seal } from './seal.ts'
export { type TimestampRequest, type TimestampResult, timestamp } from './timestamp.ts'
