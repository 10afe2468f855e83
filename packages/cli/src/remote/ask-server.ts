import { ERROR_CODES, type ErrorCode } from 'annals/model'
import type { Context } from '../context.ts'
import { EXIT_OF, type ExitCode } from '../failure/exit-codes.ts'
import { Failure } from '../failure/failure.ts'
import { rootReason } from '../failure/root-reason.ts'
import type { ServerPlace } from './place.ts'

/** One request. */
export interface Question {
  /** @defaultValue GET */
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Such as `/v1/status`. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
}

/** How long an answer may take, milliseconds. */
const PATIENCE_MS = 30_000
/** Longest answer, bytes: of lists of keys, the longest there are. */
const LONGEST = 64 * 1024 * 1024

/**
 * Asks a server and returns the JSON of its answer.
 *
 * @throws Failure with the exit code of what the server said: 3 not allowed, 4 not found, 7 not there or too busy
 */
export async function askServer(
  { signal }: Pick<Context, 'signal'>,
  { endpoint, token }: ServerPlace,
  { method = 'GET', path, body }: Question,
): Promise<unknown> {
  let response: Response
  let text: string
  try {
    response = await fetch(`${endpoint}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A token goes where it was meant to go.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    })
    text = await textOf(response)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw signal.aborted ? interrupted() : unreachable(endpoint, error)
  }
  const answer = jsonOf(text)
  if (response.ok && answer !== undefined) return answer
  throw refusal(endpoint, response.status, answer)
}

/** The failure of a server that does not answer. */
export function unreachable(endpoint: string, error: unknown): Failure {
  const isLate = error instanceof Error && error.name === 'TimeoutError'
  return new Failure(`${endpoint} does not answer`, {
    exit: 7,
    code: 'UNAVAILABLE',
    why: isLate ? `there was no answer within ${PATIENCE_MS / 1000} s` : rootReason(error),
    hint: 'Check the address, and whether "annals serve" runs there; then try again.',
    cause: error,
  })
}

function refusal(endpoint: string, status: number, answer: unknown): Failure {
  const problem = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  const say = (name: string): string | undefined =>
    typeof problem[name] === 'string' && problem[name] !== '' ? problem[name] : undefined
  const code = say('code')
  if (code === undefined)
    return new Failure(`${endpoint} answered ${status}`, {
      exit: exitOf(status),
      code: `HTTP_${status}`,
      why: 'that is no answer of an annals server',
      hint: 'Check the address; a proxy may have answered in its place.',
    })
  const request = say('requestId')
  return new Failure(say('detail') ?? say('title') ?? `the server answered ${status}`, {
    exit: isErrorCode(code) ? EXIT_OF[code] : exitOf(status),
    code,
    why: isErrorCode(code) ? ERROR_CODES[code].meaning : `${endpoint} answered ${status}`,
    hint: say('hint') ?? HINTS[status],
    requestId: request,
  })
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'Sign in again with "annals login".',
  403: 'Ask whoever operates the server for a token that may; "annals whoami" tells what yours may.',
  429: 'Try again more slowly.',
  503: 'Try again later.',
}

function exitOf(status: number): ExitCode {
  if (status === 401 || status === 403) return 3
  if (status === 404) return 4
  return status === 408 || status === 429 || status >= 500 ? 7 : 1
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > LONGEST) throw new Error(`the answer has more than ${LONGEST} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function interrupted(): Failure {
  return new Failure('interrupted', { exit: 130, code: 'INTERRUPTED', hint: 'Run it again.' })
}
