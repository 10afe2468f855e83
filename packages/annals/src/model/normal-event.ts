import type { Draft } from './draft.ts'
import type { AuditEvent } from './event.ts'

/** What makes a draft the same draft when it is sent again: a key, unique within a system. */
export interface IdempotencyKey {
  /** `source.system`, or empty when the draft names no source. */
  readonly system: string
  readonly key: string
}

/** A field that the draft left open: it holds the general default until the event type's own takes its place. */
export type DefaultedField = 'version' | 'visibility' | 'retention'

/**
 * A checked draft: an event that lacks only what the recorder and the log add. Shares nothing with the caller's object.
 * `key` and `defaulted` are about the draft and are never stored in a part.
 */
export interface NormalEvent<D = unknown>
  extends Omit<AuditEvent<D>, 'id' | 'index' | 'recordedAt' | 'operation'> {
  /** Absent for single events, and for attempts that shall take their own id. */
  readonly operation?: string
  readonly key?: IdempotencyKey
  /** What the event type may still fill in; `Catalog.admit` does so and removes it. */
  readonly defaulted?: readonly DefaultedField[] | undefined
}

/** Version of `data` when neither draft nor event type says. */
export const DEFAULT_VERSION = 1
/** Visibility when neither draft nor event type says: whoever owns the target, and operators. */
export const DEFAULT_VISIBILITY = 'owner'
/** Retention class when neither draft nor event type says. */
export const DEFAULT_RETENTION = 'standard'

/** Reason of the note that stands for an actor that could not be understood. */
export const MALFORMED_ACTOR = 'malformed actor'

/**
 * The draft that normalises to this event again, for a spool or another trail. `truncated` has no place in a draft and is
 * left out, as are fields that were only defaulted.
 *
 * @example
 * ```ts
 * const again = normalizeDraft(draftOf(event), options) // equals event
 * ```
 */
export function draftOf(event: NormalEvent): Draft {
  const { key, defaulted, truncated, erased, version, visibility, retention, ...rest } = event
  const fromSource = key !== undefined && event.source?.system === key.system && event.source.id === key.key
  return {
    ...rest,
    ...(key !== undefined && !fromSource ? { id: key.key } : {}),
    ...(defaulted?.includes('version') ? {} : { version }),
    ...(defaulted?.includes('visibility') ? {} : { visibility }),
    ...(defaulted?.includes('retention') ? {} : { retention }),
  }
}
