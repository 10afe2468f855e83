import type {
  Actor,
  Backfill,
  Change,
  Note,
  Origin,
  OutcomeResult,
  Phase,
  Source,
  Target,
  Visibility,
} from './event.ts'

/** An actor as a producer may give it: type and id, the rest optional. */
export type DraftActor = Actor

/** An outcome as a producer may give it: the bare result, or the result with its details. */
export type DraftOutcome =
  | OutcomeResult
  | {
      readonly result: OutcomeResult
      readonly code?: string | undefined
      readonly message?: string | undefined
      readonly durationMs?: number | undefined
    }

/**
 * What a producer sends. `action` is the only required field. `index` and `recordedAt` are the log's and are
 * refused; `id` is accepted only as an idempotency key.
 *
 * @example
 * ```ts
 * const draft: Draft = { action: 'machine.delete', actor: { type: 'user', id: 'u1' }, targets: [{ type: 'machine', id: 'web-3' }] }
 * ```
 */
export interface Draft<D = unknown> {
  readonly action: string
  /** Idempotency key, at most 512 bytes: the same key with the same content records once. */
  readonly id?: string | undefined
  readonly version?: number | undefined
  readonly phase?: Phase | undefined
  readonly operation?: string | undefined
  /** @defaultValue `success` for single events, `pending` for attempts, `unknown` for outcomes */
  readonly outcome?: DraftOutcome | undefined
  /** ISO 8601 with a zone, a Date, or milliseconds since the epoch. @defaultValue now */
  readonly occurredAt?: string | Date | number | undefined
  /** @defaultValue `{ type: 'unknown', id: '' }` */
  readonly actor?: DraftActor | undefined
  readonly targets?: readonly Target[] | undefined
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  readonly origin?: Origin | undefined
  readonly changes?: readonly Change[] | undefined
  readonly topics?: readonly string[] | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
  readonly description?: string | undefined
  readonly data?: D | undefined
  readonly source?: Source | undefined
  readonly backfill?: Backfill | undefined
  readonly notes?: readonly Note[] | undefined
  readonly visibility?: Visibility | undefined
  readonly retention?: string | undefined
}
