import type { Outcome } from '../../model/index.ts'

/** The outcome that the status of an answer tells: 401 and 403 are denials, 400 and above failures. */
export function httpOutcome(status: number, error?: unknown): Omit<Outcome, 'durationMs'> {
  if (status < 400 && error === undefined) return { result: 'success' }
  return {
    result: status === 401 || status === 403 ? 'denied' : 'failure',
    code: String(status),
    ...messageOf(error),
  }
}

/** Names of the status codes of gRPC, by their numbers. */
const RPC_CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]
const OK = 0
const PERMISSION_DENIED = 7
const UNAUTHENTICATED = 16

/** The outcome that a status of gRPC tells: PERMISSION_DENIED and UNAUTHENTICATED are denials. */
export function rpcOutcome(code: number, message?: string): Omit<Outcome, 'durationMs'> {
  if (code === OK) return { result: 'success' }
  return {
    result: code === PERMISSION_DENIED || code === UNAUTHENTICATED ? 'denied' : 'failure',
    code: RPC_CODES[code] ?? String(code),
    ...(message === undefined || message === '' ? {} : { message: fit(message) }),
  }
}

/** Longest message that is kept, UTF-16 units: an outcome must not be refused for it. */
const LONGEST_MESSAGE = 8_192

/** Total: anything can be thrown. */
function messageOf(error: unknown): { message?: string } {
  try {
    if (error === undefined) return {}
    const { message } = (error ?? {}) as { message?: unknown }
    return { message: fit(typeof message === 'string' ? message : String(error)) }
  } catch {
    return {}
  }
}

function fit(message: string): string {
  return message.slice(0, LONGEST_MESSAGE).toWellFormed()
}
