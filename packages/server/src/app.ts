import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Principal } from './access/principal.ts'
import type { ServerContext } from './context.ts'
import { admit } from './http/admit.ts'
import { answerProblems } from './http/answer-problems.ts'
import type { Certificate } from './http/certificate.ts'
import { observe } from './http/observe.ts'
import { refuseMethods } from './http/refuse-methods.ts'
import type { Route } from './http/route.ts'
import { serveRoute } from './http/serve-route.ts'
import { takeBodies } from './http/take-bodies.ts'
import { boundConnections, transportOf } from './http/transport.ts'
import { routeUpgrades } from './live/rpc/upgrades.ts'
import { ROUTES } from './routes/index.ts'

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | undefined
  }
  interface FastifyContextConfig {
    route?: Route
  }
}

/** How long live streams may take to end when the server stops, milliseconds. */
const STOP_MS = 5_000

/** What pages of other origins may send and read, beyond what they always may. */
const REQUEST_HEADERS = ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'X-Request-Id']
const ANSWER_HEADERS = ['X-Request-Id', 'Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining']

/** Builds the HTTP server around a trail; it does not listen yet. */
export async function createApp(context: ServerContext, certificate?: Certificate): Promise<FastifyInstance> {
  const { settings } = context
  const app = Fastify(transportOf(settings, certificate))
  app.decorateRequest('principal', undefined)
  boundConnections(app, settings)
  answerProblems(app, context)
  observe(app, context)
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
  })
  if (settings.cors.length > 0) {
    await app.register(cors, {
      origin: [...settings.cors],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: REQUEST_HEADERS,
      exposedHeaders: ANSWER_HEADERS,
      maxAge: 600,
      strictPreflight: false,
    })
  }
  await app.register(rateLimit, { global: false })
  admit(app, context)
  takeBodies(app)
  for (const route of ROUTES) serveRoute(app, route, context)
  routeUpgrades(app)
  refuseMethods(app, ROUTES)
  // Before the server waits for what is under way: live streams would go on for ever.
  app.addHook('preClose', () => context.live.stop(STOP_MS))
  return app
}
