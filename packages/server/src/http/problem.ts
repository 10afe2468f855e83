import { AnnalsError, type ErrorCode } from 'annals/model'

/** HTTP status of each error code: the one table of the server. */
const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  ANNALS_INVALID: 400,
  ANNALS_UNKNOWN_ACTION: 422,
  ANNALS_RETIRED: 422,
  ANNALS_LIMIT: 413,
  ANNALS_CONFLICT: 409,
  ANNALS_QUERY: 400,
  ANNALS_CURSOR: 400,
  ANNALS_NOT_FOUND: 404,
  ANNALS_OVERLOADED: 503,
  ANNALS_TIMEOUT: 503,
  ANNALS_NOT_AWAITED: 409,
  ANNALS_STORE: 503,
  ANNALS_DISK_FULL: 507,
  ANNALS_LOCKED: 503,
  ANNALS_CLOSED: 503,
  ANNALS_CORRUPT: 500,
  ANNALS_ROLLBACK: 500,
  ANNALS_FORMAT: 500,
  ANNALS_CATALOG: 422,
  ANNALS_KEYS: 503,
  ANNALS_UNSUPPORTED: 501,
  ANNALS_HELD: 409,
  ANNALS_UNAUTHENTICATED: 401,
  ANNALS_DENIED: 403,
}

/** Codes whose message tells of the machine: outsiders are told the code alone, the log the rest. */
const OPAQUE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ANNALS_STORE',
  'ANNALS_CORRUPT',
  'ANNALS_ROLLBACK',
  'ANNALS_FORMAT',
  'ANNALS_KEYS',
  'ANNALS_LOCKED',
])

/** Problem details (RFC 9457) with the members of ours. Never a stack. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly code: string
  readonly requestId: string
  /** JSON pointer into the body, or the name of a parameter. */
  readonly path?: string
  /** Half-open range of UTF-16 positions in the query. */
  readonly position?: readonly [number, number]
  readonly hint?: string
  /** Every fault of a request, where several were found. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

/** A failure that belongs to HTTP alone. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string | undefined
  readonly path: string | undefined
  readonly errors: Problem['errors']
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      readonly hint?: string | undefined
      readonly path?: string | undefined
      readonly errors?: Problem['errors']
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.hint = more.hint
    this.path = more.path
    this.errors = more.errors
    this.headers = more.headers ?? {}
  }
}

/** The problem that an error is to an outsider, and whether an operator should look at it. */
export function problemOf(
  error: unknown,
  requestId: string,
): { readonly problem: Problem; readonly fault: boolean } {
  if (error instanceof HttpError) {
    const { status, code, message, hint, path, errors } = error
    return {
      problem: problem({ status, code, detail: message, requestId, hint, path, errors }),
      fault: false,
    }
  }
  if (error instanceof AnnalsError) {
    const status = STATUS_OF[error.code]
    const { code, path, position, hint } = error
    if (OPAQUE.has(code)) return { problem: problem({ status, code, requestId }), fault: true }
    return {
      problem: problem({ status, code, detail: error.message, requestId, path, position, hint }),
      fault: status >= 500,
    }
  }
  const fastify = error as { statusCode?: unknown; message?: unknown }
  if (typeof fastify.statusCode === 'number' && fastify.statusCode >= 400 && fastify.statusCode < 500) {
    // Its own codes are those of a framework, and no promise of ours.
    const code = fastify.statusCode === 413 || fastify.statusCode === 414 ? 'ANNALS_LIMIT' : 'ANNALS_INVALID'
    return {
      problem: problem({ status: fastify.statusCode, code, detail: String(fastify.message), requestId }),
      fault: false,
    }
  }
  return { problem: problem({ status: 500, code: 'INTERNAL', requestId }), fault: true }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'This content type is not taken',
  422: 'The event is not accepted',
  429: 'Too many requests',
  500: 'Something is wrong here',
  501: 'Not supported here',
  503: 'Not available now',
  507: 'No space left',
}

type Facts = { readonly [K in keyof Omit<Problem, 'type' | 'title'>]: Problem[K] | undefined } & {
  readonly status: number
  readonly code: string
  readonly requestId: string
}

function problem({ status, code, requestId, ...more }: Facts): Problem {
  const given = Object.entries(more).filter(([, value]) => value !== undefined)
  return {
    type: `urn:annals:error:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    code,
    requestId,
    ...Object.fromEntries(given),
  }
}
