/** How an operation ended, as far as the recorder knows. `unknown`: no outcome was ever reported. */
export type OutcomeResult = 'success' | 'failure' | 'denied' | 'unknown' | 'pending'

/** `single` is recorded once; `attempt` and `outcome` are the two phases of one operation. */
export type Phase = 'single' | 'attempt' | 'outcome'

/** The least privileged reader who may see the event. */
export type Visibility = 'public' | 'owner' | 'operator'

/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** What the actor proved its identity with: an API key, a session, a certificate. Never the secret itself. */
export interface Credential {
  readonly type: string
  readonly id: string
}

/** Who acted. Names are snapshots: renaming later changes no stored byte. */
export interface Actor {
  /** `user`, `key`, `token`, `service`, `instance`, `operator`, `system`, `anonymous`, `unknown`, or the application's own. */
  readonly type: string
  readonly id: string
  readonly name?: string
  readonly credential?: Credential
  /** The identity acted for, when one party acts in the name of another. */
  readonly onBehalfOf?: Actor
  /** Set when the context that named the actor was malformed and could not be checked. */
  readonly unverified?: true
}

/** A resource acted on. The first target of an event is the primary one. */
export interface Target {
  readonly type: string
  readonly id: string
  readonly name?: string
  readonly role?: string
}

/** The result of the action. */
export interface Outcome {
  readonly result: OutcomeResult
  /** Machine-readable error code of the producer. */
  readonly code?: string
  readonly message?: string
  /** Elapsed time in milliseconds, zero or more. */
  readonly durationMs?: number
}

/** Where the action came from. Every field is optional: absent means unknown, never a guess. */
export interface Origin {
  readonly ip?: string
  readonly userAgent?: string
  readonly requestId?: string
  readonly correlationId?: string
  readonly causationId?: string
  readonly traceId?: string
  readonly spanId?: string
  readonly sessionId?: string
  readonly host?: string
  readonly component?: string
}

/** One changed place of the target; `path` is a JSON pointer (RFC 6901). */
export interface Change {
  readonly path: string
  readonly op: 'add' | 'remove' | 'replace'
  readonly before?: Json
  readonly after?: Json
  /** The values were withheld at capture; that they changed is all that is kept. */
  readonly masked?: true
}

/** Where an imported event was found. */
export interface Source {
  readonly system: string
  readonly id: string
}

/** Marks an event entered later by a person. `enteredAt` is ISO 8601 UTC. */
export interface Backfill {
  readonly by: string
  readonly basis: string
  readonly enteredAt: string
}

/** A string that was cut to fit: its JSON pointer, full length in UTF-8 bytes and SHA-256 (hex) of the full value. */
export interface Truncation {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Why a field is absent or altered. */
export interface Note {
  readonly path: string
  readonly reason: string
}

/** An immutable statement that an actor did an action on targets, with an outcome. */
export interface AuditEvent<D = unknown> {
  /** UUIDv7 (RFC 9562), strictly increasing per recorder. */
  readonly id: string
  /** Dense 0-based place in the log. Order is `index`, never claimed time. */
  readonly index: number
  /** Dotted path, such as `machine.nic.add`. Paths below `log` are the log's own. */
  readonly action: string
  /** Version of the shape of `data` for this action, from 1. */
  readonly version: number
  readonly phase: Phase
  /** Joins attempt and outcome; equals `id` for a single event. */
  readonly operation: string
  readonly outcome: Outcome
  /** Claimed by the producer; ISO 8601 UTC with milliseconds. */
  readonly occurredAt: string
  /** Set by the log, never decreasing; ISO 8601 UTC with milliseconds. */
  readonly recordedAt: string
  readonly actor: Actor
  readonly targets: readonly Target[]
  readonly tenant?: string
  readonly project?: string
  readonly origin: Origin
  readonly changes?: readonly Change[]
  /** Further dotted paths under which the event is found. */
  readonly topics?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  /** A sentence of the producer's own; absent, it is rendered from the catalog. */
  readonly description?: string
  readonly data?: D
  readonly source?: Source
  readonly backfill?: Backfill
  readonly truncated?: readonly Truncation[]
  readonly notes?: readonly Note[]
  readonly visibility: Visibility
  /** Name of the retention class. */
  readonly retention: string
  /** Names of the parts that were erased by duty. */
  readonly erased?: readonly string[]
}

/** Every phase, in the order of an operation. */
export const PHASES: readonly Phase[] = ['single', 'attempt', 'outcome']

/** Every outcome result. */
export const OUTCOME_RESULTS: readonly OutcomeResult[] = [
  'success',
  'failure',
  'denied',
  'unknown',
  'pending',
]

/** Every visibility, least privileged reader first. */
export const VISIBILITIES: readonly Visibility[] = ['public', 'owner', 'operator']
