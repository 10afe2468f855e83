import type { Origin } from 'annals/model'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { HttpError } from './problem.ts'

/** A minute: what the rate is counted over, milliseconds. */
const WINDOW_MS = 60_000
/** Characters of a user agent that are kept. */
const LONGEST_AGENT = 256

/**
 * Lets a request in: the server is not stopping, who asks is known, and they have not asked too often. Requests without a valid token
 * count for their address, so that tokens cannot be tried out at will.
 */
export function admit(app: FastifyInstance, context: ServerContext): void {
  const limits = { max: context.settings.limits.rate, timeWindow: WINDOW_MS }
  const perAddress = app.createRateLimit(limits)
  const perCredential = app.createRateLimit({
    ...limits,
    keyGenerator: request => request.principal?.credential ?? '',
  })
  app.addHook('onRequest', async (request, reply) => {
    const { route } = request.routeOptions.config
    if (context.live.isStopping && route?.id !== 'health' && route?.id !== 'ready') {
      throw new HttpError(503, 'ANNALS_CLOSED', 'The server is stopping.', {
        headers: { Connection: 'close' },
      })
    }
    const refused = await authenticate(request, context)
    const limit = await (request.principal === undefined ? perAddress : perCredential)(request)
    if (!limit.isAllowed) {
      reply.header('RateLimit-Limit', limit.max).header('RateLimit-Remaining', limit.remaining)
      if (limit.isExceeded) throw tooMany(limit.ttlInSeconds)
    }
    if (refused !== undefined) throw refused.error
  })
}

/** Says who asks, in the request; what they are refused for is thrown later. */
async function authenticate(
  request: FastifyRequest,
  context: ServerContext,
): Promise<{ readonly error: unknown } | undefined> {
  const { route } = request.routeOptions.config
  if (route === undefined || route.permission === undefined || route.isOpen?.(context.settings) === true)
    return undefined
  try {
    const authorization = route.authorization?.(request.headers) ?? request.headers.authorization
    request.principal = { ...(await context.authenticate(authorization)), origin: originOf(request) }
    return undefined
  } catch (error) {
    return { error }
  }
}

/** Where a request comes from, as records of reading and changing tell it. */
function originOf({ ip, id, headers }: FastifyRequest): Origin {
  const userAgent = headers['user-agent']?.slice(0, LONGEST_AGENT)
  return { ip, requestId: id, ...(userAgent ? { userAgent } : {}) }
}

function tooMany(seconds: number): HttpError {
  return new HttpError(429, 'ANNALS_RATE_LIMITED', 'Too many requests.', {
    hint: `Try again in ${seconds} seconds.`,
    headers: { 'Retry-After': String(seconds) },
  })
}
