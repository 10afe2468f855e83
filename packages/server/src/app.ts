import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Principal } from './access/principal.ts'
import type { ServerContext } from './context.ts'
import { HttpError, problemOf } from './http/problem.ts'
import { requestIdOf } from './http/request-id.ts'
import type { Route } from './http/route.ts'
import { serveRoute } from './http/serve-route.ts'
import { ROUTES } from './routes/index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined
  }
  interface FastifyContextConfig {
    route?: Route
  }
}

/** Builds the HTTP server around a trail; it does not listen yet. */
export async function createApp(context: ServerContext): Promise<FastifyInstance> {
  const { settings } = context
  const app = Fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    disableRequestLogging: true,
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    bodyLimit: settings.limits.body,
    requestTimeout: settings.limits.requestSeconds * 1000,
    http: { headersTimeout: Math.min(30, settings.limits.requestSeconds) * 1000 },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 2048, ignoreTrailingSlash: false },
  })
  app.decorateRequest('principal', undefined)
  answerProblems(app, context)
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
  })
  await app.register(cors, { origin: [...settings.cors], maxAge: 600 })
  app.addHook('onRequest', async request => {
    if (request.routeOptions.config.route?.permission !== undefined)
      request.principal = await context.authenticate(request.headers.authorization)
  })
  await app.register(rateLimit, {
    max: settings.limits.rate,
    timeWindow: 60_000,
    hook: 'preParsing',
    keyGenerator: request => request.principal?.credential ?? `ip:${request.ip}`,
    errorResponseBuilder: (_request, { ttl }) =>
      new HttpError(429, 'ANNALS_RATE_LIMITED', 'Too many requests.', {
        hint: `Try again in ${Math.ceil(ttl / 1000)} seconds.`,
      }),
  })
  takeBodies(app)
  for (const route of ROUTES) serveRoute(app, route, context)
  return app
}

/** JSON is parsed for routes with a schema; everything else comes as it is, for those who take it. */
function takeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (request, payload, done) => {
    const route = request.routeOptions.config.route
    if (route?.body === 'raw') {
      const type = mediaType(request.headers['content-type'])
      if (route.consumes?.includes(type) === false)
        done(
          new HttpError(415, 'ANNALS_INVALID', `Content type "${type}" is not taken.`, {
            hint: `Send ${route.consumes.join(' or ')}.`,
          }),
        )
      else done(null, payload)
      return
    }
    readJson(payload, request.routeOptions.bodyLimit).then(value => done(null, value), done)
  })
}

async function readJson(payload: AsyncIterable<Buffer>, limit: number): Promise<unknown> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of payload) {
    length += piece.length
    if (length > limit) throw new HttpError(413, 'ANNALS_LIMIT', `The body is larger than ${limit} bytes.`)
    pieces.push(piece)
  }
  const text = Buffer.concat(pieces).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new HttpError(400, 'ANNALS_INVALID', `The body is no JSON: ${(error as Error).message}`)
  }
}

function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function answerProblems(app: FastifyInstance, { log }: ServerContext): void {
  app.setErrorHandler((error, request, reply) => {
    const { problem, fault } = problemOf(error, request.id)
    if (fault) log.error({ requestId: request.id, code: problem.code, err: error }, 'request failed')
    if (error instanceof HttpError) reply.headers(error.headers)
    if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer')
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  })
  app.setNotFoundHandler((request, reply) => {
    const { problem } = problemOf(
      new HttpError(404, 'ANNALS_NOT_FOUND', 'There is no such path.', {
        hint: 'GET /v1/openapi.json lists them.',
      }),
      request.id,
    )
    return reply.code(404).type('application/problem+json').send(JSON.stringify(problem))
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-Request-Id', request.id)
    reply.header('Cache-Control', reply.getHeader('Cache-Control') ?? 'no-store')
  })
}
