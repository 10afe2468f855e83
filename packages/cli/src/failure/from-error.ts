import { ERROR_CODES, type ErrorCode } from 'annals/model'
import { EXIT_OF } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { rootReason } from './root-reason.ts'

/** The part of AnnalsError that is read here. By shape, because two copies of the package may be installed. */
interface Coded extends Error {
  readonly code: ErrorCode
  readonly hint?: string | undefined
  /** JSON pointer to what is refused in a request. */
  readonly path?: string | undefined
  readonly position?: readonly [number, number] | undefined
  /** Of a failure on the way to a server, or of the server as a whole: whether trying again can help. */
  readonly transient?: boolean | undefined
}

/** Makes a failure of whatever was thrown, with the exit code of its error code. */
export function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const denied = systemCause(thrown, ['EACCES', 'EPERM', 'EROFS'])
  if (denied !== undefined) return notAllowed(thrown, denied)
  if (isCoded(thrown)) return coded(thrown)
  const full = systemCause(thrown, ['ENOSPC', 'EDQUOT'])
  if (full !== undefined) return diskFull(thrown, full)
  const missing = systemCause(thrown, ['ENOENT', 'EISDIR', 'ENOTDIR'])
  if (missing !== undefined) return notReadable(thrown, missing)
  return new Failure(messageOf(thrown), {
    exit: 1,
    code: 'INTERNAL',
    why: 'the command did not expect this',
    hint: 'Run it again with --debug and report what it shows.',
    cause: thrown,
  })
}

/** Whether a value is an error of the kernel. */
export function isCoded(thrown: unknown): thrown is Coded {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    Object.hasOwn(ERROR_CODES, thrown.code)
  )
}

const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ANNALS_NOT_FOUND: 'Look at "annals list", or name another directory with --dir.',
  ANNALS_CURSOR: 'Start again without --cursor, or use it with the same query and order.',
  ANNALS_LOCKED: 'Try again later, or stop the process that holds the log.',
  ANNALS_TIMEOUT: 'Try again.',
  ANNALS_OVERLOADED: 'Try again more slowly.',
  ANNALS_CORRUPT: 'Run "annals verify" to see what is damaged, and keep a copy of the directory as it is.',
  ANNALS_ROLLBACK: 'Restore the newest copy of the directory, and keep this one as it is.',
  ANNALS_DISK_FULL: 'Free some space on the disk of the log.',
  ANNALS_FORMAT: 'Use the version of annals that wrote this directory.',
  ANNALS_QUERY: 'See "annals help query".',
  ANNALS_UNAUTHENTICATED: 'Sign in again with "annals login".',
  ANNALS_DENIED: '"annals whoami" tells what your token may.',
}

/** Where the message says already what the code means. */
const REASONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ANNALS_CURSOR: 'a cursor is a place in the pages of one query in one order',
}

/** Whether an error is of the way to a server or of the server as a whole, and says nothing about what was sent. */
export function isOnTheWay(thrown: unknown): boolean {
  return isCoded(thrown) && typeof thrown.transient === 'boolean'
}

function coded(error: Coded): Failure {
  const why =
    error.cause === undefined
      ? (REASONS[error.code] ?? ERROR_CODES[error.code].meaning)
      : rootReason(error.cause)
  const exit = EXIT_OF[error.code]
  return new Failure(error.message, {
    exit: error.transient === true && exit === 1 ? 7 : exit,
    code: error.code,
    why,
    hint: error.hint ?? HINTS[error.code],
    cause: error,
  })
}

interface System extends Error {
  readonly code: string
  readonly path?: string
}

/** The system error with one of the codes, in the error or below it. */
function systemCause(thrown: unknown, codes: readonly string[]): System | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 8; error = error.cause, depth++) {
    if ('code' in error && typeof error.code === 'string' && codes.includes(error.code))
      return error as System
  }
  return undefined
}

function notAllowed(thrown: unknown, cause: System): Failure {
  const place = cause.path ?? 'the log'
  return new Failure(`may not open ${place}`, {
    exit: 3,
    code: cause.code,
    why: cause.message,
    hint: 'Run as a user who owns the directory, or change its permissions.',
    cause: thrown,
  })
}

function diskFull(thrown: unknown, cause: System): Failure {
  return new Failure(`cannot write ${cause.path ?? 'the output'}`, {
    exit: 1,
    code: cause.code,
    why: cause.message,
    hint: 'Free some space, or write to another disk.',
    cause: thrown,
  })
}

function notReadable(thrown: unknown, cause: System): Failure {
  return new Failure(`cannot read ${cause.path ?? 'the file'}`, {
    exit: 4,
    code: cause.code,
    why: cause.message,
    hint: 'Check the name; "-" reads standard input.',
    cause: thrown,
  })
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
