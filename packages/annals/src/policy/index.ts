// For users: what is recorded, how, and what is masked.

export type { CaptureLevel, CapturePhases, Decision, OnUnavailable, Treatment } from './decision.ts'
export type { EventMask, GivenAction, HashPeriod, MaskAction, MaskDefinition } from './mask/definition.ts'
export { SECRET_NAMES } from './mask/names.ts'
export type { Match, OneOrMore } from './match.ts'
export { isPauseAction, PAUSE_QUERY, type Pause, type PauseScope, Pauses } from './pauses.ts'
export { checkPolicy, createPolicy, type Policy, type PolicyDefinition } from './policy.ts'
export { PRESET_NAMES, type PresetName } from './presets.ts'
export type { PolicyIssue } from './reading.ts'
export type { Otherwise, Rule } from './rule.ts'
export { type SimulatedRule, Simulation } from './simulation.ts'
export { type Decidable, REQUEST_TAGS, type Subject, type SubjectRef, subjectOf } from './subject.ts'

// For the recorder, and for who looks values up.

export { captureOf } from './decision.ts'
export { asksForHashes } from './mask/hashing.ts'
export { Masker } from './mask/masker.ts'
export { hashValue } from './mask/value-hash.ts'
export { isActionPattern } from './rule.ts'
