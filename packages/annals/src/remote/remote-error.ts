import { AnnalsError, ERROR_CODES, type ErrorCode, type ErrorDetails } from '../model/index.ts'
import type { Lost } from '../record/losses.ts'

/** A failure on the way to the server, or of the server as a whole: it says nothing about a single event. */
export class RemoteError extends AnnalsError {
  /** Trying again soon can help. */
  readonly transient: boolean
  /** The server has done nothing of the request. */
  readonly untouched: boolean
  /** What the server asks to wait, milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & {
      readonly transient: boolean
      readonly untouched?: boolean
      readonly retryAfterMs?: number | undefined
    },
  ) {
    super(code, message, details)
    this.transient = details.transient
    this.untouched = details.untouched ?? false
    this.retryAfterMs = details.retryAfterMs
  }
}

/** Statuses after which the same request can succeed. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504, 507])
/** Statuses of whoever refuses a request before anything is done about it. */
const UNTOUCHED: ReadonlySet<number> = new Set([401, 403, 404, 405, 413, 415, 429])
/** Codes of the system for a connection that never came about. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
])
/** What a status means that comes without a code of ours, as from a proxy. */
const CODE_OF: Readonly<Record<number, ErrorCode>> = {
  401: 'ANNALS_UNAUTHENTICATED',
  403: 'ANNALS_DENIED',
  404: 'ANNALS_NOT_FOUND',
  413: 'ANNALS_LIMIT',
  429: 'ANNALS_OVERLOADED',
}
/** Longest wait that a server may ask for, milliseconds. */
const LONGEST_RETRY_MS = 300_000

/** The failure that an answer is. Reads its body. */
export async function errorOfAnswer(answer: Response): Promise<RemoteError> {
  const { status } = answer
  const problem = await readProblem(answer)
  const code = problem['code']
  const retry = Number(answer.headers.get('retry-after'))
  return new RemoteError(
    isCode(code) ? code : (CODE_OF[status] ?? (status >= 500 ? 'ANNALS_STORE' : 'ANNALS_INVALID')),
    textOf(problem['detail']) ?? textOf(problem['title']) ?? `The server answered ${status}.`,
    {
      ...detailsOf(problem),
      transient: TRANSIENT.has(status),
      // Our servers answer with a code of theirs only when they have recorded nothing.
      untouched: UNTOUCHED.has(status) || isCode(code),
      retryAfterMs: retry > 0 ? Math.min(retry * 1000, LONGEST_RETRY_MS) : undefined,
    },
  )
}

/** The refusal of one event, as an answer tells it. */
export function refusalOf(value: unknown): AnnalsError {
  const refusal = isObject(value) ? value : {}
  const code = refusal['code']
  return new AnnalsError(
    isCode(code) ? code : 'ANNALS_STORE',
    textOf(refusal['message']) ?? 'The server refused the event.',
    detailsOf(refusal),
  )
}

/** Whether trying again can help an event. A time that is up is up: it may be denied already. */
export function isTransient(error: AnnalsError): boolean {
  if (error instanceof RemoteError) return error.transient
  return error.retryable ? error.code !== 'ANNALS_TIMEOUT' : error.code === 'ANNALS_CLOSED'
}

/** A failure without an answer. */
export function unreachable(cause: unknown): RemoteError {
  return new RemoteError('ANNALS_STORE', 'The server cannot be reached.', {
    cause,
    transient: true,
    untouched: NOT_CONNECTED.has((cause as { cause?: { code?: unknown } } | undefined)?.cause?.code),
    hint: 'Check its address, and whether it runs.',
  })
}

/** Events were dropped, as the policy lets it be while they cannot be recorded. */
export function dropped({ events, rules, from, to }: Lost): AnnalsError {
  const span = `from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}`
  const counts = Object.entries(rules).map(([rule, count]) => `${count} by '${rule}'`)
  return new AnnalsError('ANNALS_STORE', `${events} events were dropped ${span}: ${counts.join(', ')}.`, {
    hint: 'The server could not record them in time, and their rules let that pass. Its log does not tell of them.',
  })
}

/** An answer that is none of a server of ours. */
export function notUnderstood(what: string): RemoteError {
  return new RemoteError('ANNALS_STORE', `The answer is not understood: ${what}.`, {
    transient: false,
    hint: 'Check the address: something else may answer there.',
  })
}

async function readProblem(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = await answer.json()
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function detailsOf(problem: Readonly<Record<string, unknown>>): ErrorDetails {
  const [path, hint] = [textOf(problem['path']), textOf(problem['hint'])]
  const position = problem['position']
  return {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
    ...(isRange(position) ? { position } : {}),
  }
}

function isRange(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(one => typeof one === 'number')
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Whether a value is an object with members. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
