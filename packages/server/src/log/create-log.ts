import { AnnalsError } from 'annals/model'
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import type { Settings } from '../settings/settings.ts'

/**
 * The server's own log: JSON lines on standard error. Whatever is given to it, nothing of an event and no token gets into a line: of
 * an error its code and the places of its stack are written, and the message only where it is one of ours about the store.
 *
 * @param to where to, instead of standard error
 */
export function createLog(level: Settings['log']['level'], to?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: label => ({ level: label }) },
    hooks: {
      // Without a text of ours, pino would take the message of the error.
      logMethod(given, method) {
        const [first, ...rest] = given as [unknown, ...string[]]
        const object = first instanceof Error ? { err: first } : first
        if (typeof object === 'object' && rest.length === 0) method.call(this, object, 'an error')
        else method.call(this, object, ...rest)
      },
    },
    serializers: { err: describeError, error: describeError, req: nothing, res: nothing, headers: nothing },
  }
  return pino(options, to ?? pino.destination({ fd: 2, sync: true }))
}

/** What may be said of an error. */
interface DescribedError {
  readonly type: string
  readonly code?: string
  readonly syscall?: string
  readonly message?: string
  readonly at?: readonly string[]
  readonly cause?: DescribedError
}

/** Causes within each other that are written. */
const DEPTH = 4

function describeError(error: unknown, depth: number = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, syscall } = error as NodeJS.ErrnoException
  const at = (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line))
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof syscall === 'string' ? { syscall } : {}),
    // Messages of others may quote what they failed on.
    ...(error instanceof AnnalsError && STORE.has(error.code) ? { message: error.message } : {}),
    ...(at.length === 0 ? {} : { at: at.slice(0, 12).map(line => line.trim()) }),
    ...(error.cause === undefined || depth >= DEPTH ? {} : { cause: describeError(error.cause, depth + 1) }),
  }
}

/** Codes whose messages are about the store. */
const STORE: ReadonlySet<string> = new Set([
  'ANNALS_STORE',
  'ANNALS_DISK_FULL',
  'ANNALS_CORRUPT',
  'ANNALS_ROLLBACK',
  'ANNALS_FORMAT',
  'ANNALS_KEYS',
  'ANNALS_LOCKED',
])

function nothing(): undefined {
  return undefined
}
