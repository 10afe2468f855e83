import type { ErrorCode } from 'annals/model'

/** Every exit code and what it promises; `annals help exit-codes` prints this table. */
export const EXIT_CODES = {
  0: 'ok; also an empty result, and a reader that closed the pipe',
  1: 'other failure; emit: some drafts were refused',
  2: 'usage or query error; the position is shown',
  3: 'not signed in, or not allowed: also files that may not be read or written',
  4: 'not found: no such log, event, position or file',
  5: 'verification failed: tampering or corruption',
  6: 'incomplete: import with rejects, a gap in a source, with --strict also warnings',
  7: 'unavailable, locked, overloaded or timed out: try again; status: not healthy',
  10: '--expect none, some or N was not met',
  130: 'interrupted',
} as const

/** A documented exit code. */
export type ExitCode = keyof typeof EXIT_CODES

/** Exit code of each error code: the one table of the command line. */
export const EXIT_OF: Readonly<Record<ErrorCode, ExitCode>> = {
  ANNALS_INVALID: 1,
  ANNALS_UNKNOWN_ACTION: 1,
  ANNALS_RETIRED: 1,
  ANNALS_LIMIT: 1,
  ANNALS_CONFLICT: 1,
  ANNALS_QUERY: 2,
  ANNALS_CURSOR: 2,
  ANNALS_NOT_FOUND: 4,
  ANNALS_OVERLOADED: 7,
  ANNALS_TIMEOUT: 7,
  ANNALS_NOT_AWAITED: 1,
  ANNALS_STORE: 1,
  ANNALS_DISK_FULL: 1,
  ANNALS_LOCKED: 7,
  ANNALS_CLOSED: 1,
  ANNALS_CORRUPT: 5,
  ANNALS_ROLLBACK: 5,
  ANNALS_FORMAT: 1,
  ANNALS_CATALOG: 1,
  ANNALS_KEYS: 1,
  ANNALS_UNSUPPORTED: 1,
  ANNALS_HELD: 1,
  ANNALS_UNAUTHENTICATED: 3,
  ANNALS_DENIED: 3,
}
