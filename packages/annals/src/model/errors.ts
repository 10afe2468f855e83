/** A stable error code. */
export type ErrorCode =
  | 'ANNALS_INVALID'
  | 'ANNALS_UNKNOWN_ACTION'
  | 'ANNALS_RETIRED'
  | 'ANNALS_LIMIT'
  | 'ANNALS_CONFLICT'
  | 'ANNALS_QUERY'
  | 'ANNALS_CURSOR'
  | 'ANNALS_NOT_FOUND'
  | 'ANNALS_OVERLOADED'
  | 'ANNALS_TIMEOUT'
  | 'ANNALS_NOT_AWAITED'
  | 'ANNALS_STORE'
  | 'ANNALS_DISK_FULL'
  | 'ANNALS_LOCKED'
  | 'ANNALS_CLOSED'
  | 'ANNALS_CORRUPT'
  | 'ANNALS_ROLLBACK'
  | 'ANNALS_FORMAT'
  | 'ANNALS_CATALOG'
  | 'ANNALS_KEYS'
  | 'ANNALS_UNSUPPORTED'
  | 'ANNALS_HELD'
  | 'ANNALS_UNAUTHENTICATED'
  | 'ANNALS_DENIED'

/** Every code of an {@link AnnalsError}: what it means, and whether trying again can help. Codes are promises. */
export const ERROR_CODES: Readonly<
  Record<ErrorCode, { readonly retryable: boolean; readonly meaning: string }>
> = {
  ANNALS_INVALID: {
    retryable: false,
    meaning: 'The draft breaks a rule of the model or of its event type; `path` names the place.',
  },
  ANNALS_UNKNOWN_ACTION: { retryable: false, meaning: 'The catalog is closed and has no such action.' },
  ANNALS_RETIRED: { retryable: false, meaning: 'The event type is retired: it can be read, not written.' },
  ANNALS_LIMIT: { retryable: false, meaning: 'A documented limit is exceeded; `path` names the place.' },
  ANNALS_CONFLICT: { retryable: false, meaning: 'The idempotency key was used before with other content.' },
  ANNALS_QUERY: { retryable: false, meaning: 'The query is not valid; `position` says where.' },
  ANNALS_CURSOR: { retryable: false, meaning: 'The cursor is damaged or belongs to another query.' },
  ANNALS_NOT_FOUND: { retryable: false, meaning: 'No such event, position, directory or file.' },
  ANNALS_OVERLOADED: {
    retryable: true,
    meaning: 'Too many records are waiting to become durable; slow down.',
  },
  ANNALS_TIMEOUT: {
    retryable: true,
    meaning:
      'The bound on waiting passed; the event was withdrawn, or is denied later with ANNALS_NOT_AWAITED.',
  },
  ANNALS_NOT_AWAITED: {
    retryable: false,
    meaning: 'Outcome code of an attempt whose caller had stopped waiting.',
  },
  ANNALS_STORE: { retryable: true, meaning: 'The store could not write or read; `cause` says why.' },
  ANNALS_DISK_FULL: { retryable: true, meaning: 'No space is left for the log; free some and try again.' },
  ANNALS_LOCKED: { retryable: true, meaning: 'Another process writes this log.' },
  ANNALS_CLOSED: { retryable: false, meaning: 'The trail is closed.' },
  ANNALS_CORRUPT: {
    retryable: false,
    meaning: 'Stored bytes are damaged where only tampering or a failing disk can damage them; run verify.',
  },
  ANNALS_ROLLBACK: {
    retryable: false,
    meaning: 'The log is behind or beside what its signer has already signed.',
  },
  ANNALS_FORMAT: { retryable: false, meaning: 'The directory has a format this version cannot read.' },
  ANNALS_CATALOG: { retryable: false, meaning: 'The catalog contradicts itself or an earlier version.' },
  ANNALS_KEYS: { retryable: false, meaning: 'A key that is needed is missing or cannot be unwrapped.' },
  ANNALS_UNSUPPORTED: { retryable: false, meaning: 'This store lacks the capability asked for.' },
  ANNALS_HELD: { retryable: false, meaning: 'A legal hold keeps what was to be deleted.' },
  ANNALS_UNAUTHENTICATED: {
    retryable: false,
    meaning: 'Nobody is signed in, or the token is not valid (any more).',
  },
  ANNALS_DENIED: { retryable: false, meaning: 'Who is signed in may not see or do this.' },
}

/** Optional facts of an {@link AnnalsError}. */
export interface ErrorDetails {
  /** JSON pointer of the offending place in a draft. */
  readonly path?: string
  /** Half-open range of UTF-16 positions in a query. */
  readonly position?: readonly [from: number, to: number]
  /** What to do about it, one sentence. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * A failure of the world: something the caller could not have known. Mistakes of the programmer throw TypeError.
 *
 * @example
 * ```ts
 * try { await trail.record('machine.delete', draft) }
 * catch (error) { if (error instanceof AnnalsError && error.retryable) retryLater() }
 * ```
 */
export class AnnalsError extends Error {
  override readonly name = 'AnnalsError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly path: string | undefined
  readonly position: readonly [number, number] | undefined
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = ERROR_CODES[code].retryable
    this.path = details.path
    this.position = details.position
    this.hint = details.hint
  }
}
