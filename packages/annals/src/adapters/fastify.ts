import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Trail } from '../trail/trail.ts'
import { bindAudit } from './request/audit-of.ts'
import { templateOf } from './request/call.ts'
import { HttpExchange } from './request/http-exchange.ts'
import type { RequestOptions } from './request/options.ts'
import { RequestCapture } from './request/request-capture.ts'

export { auditOf } from './request/audit-of.ts'
export type { Addition, RequestAudit } from './request/captured-request.ts'
export type { Refusal, RequestOptions } from './request/options.ts'

/** A request of Fastify, as far as it is needed; resolvers get it. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage
  readonly body: unknown
  readonly query: unknown
  readonly params: unknown
  readonly routeOptions: { readonly url?: string | undefined }
  readonly is404: boolean
}

interface ReplyLike {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** A Fastify 5 instance, as far as it is needed. */
export interface FastifyLike {
  // biome-ignore lint/suspicious/noExplicitAny: each hook of Fastify has a signature of its own
  addHook(name: any, hook: any): unknown
}

/** A plugin for `fastify.register`. */
export type FastifyPlugin = (fastify: FastifyLike, options: unknown, done: () => void) => void

/**
 * A Fastify 5 plugin that records requests: an attempt before the handler runs, and its outcome. Register it first; who calls is
 * asked in `preHandler`, so whoever checks credentials does so in `onRequest` or is registered before.
 *
 * @param trail opened with a policy (`capture`)
 * @throws TypeError for a trail without a policy and for options that cannot be meant
 * @example
 * ```ts
 * await app.register(captureFastify(trail, { actor: req => ({ type: 'user', id: req.user.id }) }))
 * app.delete('/machine/:id', async () => ({}))
 * ```
 */
export function captureFastify<R extends FastifyRequestLike = FastifyRequestLike>(
  trail: Trail,
  options: RequestOptions<R> = {},
): FastifyPlugin {
  const capture = new RequestCapture(trail, options)
  const exchanges = new WeakMap<object, HttpExchange<R>>()
  const plugin: FastifyPlugin = (fastify, _, done) => {
    fastify.addHook('onRequest', (request: R, reply: ReplyLike, next: () => void) => {
      if (!capture.skips(request)) {
        const exchange = new HttpExchange(capture, request.raw, reply.raw, request)
        exchanges.set(request, exchange)
        bindAudit(request, exchange)
      }
      next()
    })
    fastify.addHook('preHandler', (request: R, reply: ReplyLike, next: (error?: Error) => void) => {
      const exchange = exchanges.get(request)
      // Without a route there is no handler: what it is answered is told by its end.
      if (exchange === undefined || request.is404) {
        next()
        return
      }
      const { url } = request.routeOptions
      const { body } = request
      exchange.refuses = () => reply.hijack()
      exchange.begin({ route: url === undefined ? undefined : templateOf(url), body }, next).catch(next)
    })
    fastify.addHook('onError', (request: R, _reply: ReplyLike, error: Error, next: () => void) => {
      exchanges.get(request)?.failed(error)
      next()
    })
    done()
  }
  // Hooks of a plugin are for its own routes unless it says that it is none of its own.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'annals',
  })
}
