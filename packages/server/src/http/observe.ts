import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'

/** Statuses that say who is turned away: their lines have the address. */
const TURNED_AWAY: ReadonlySet<number> = new Set([401, 403, 429])

/**
 * Counts every request, and writes a line for each when it has ended: which route, how it ended, how long it took. Neither has its
 * path, query or body, because those are what events are made of.
 */
export function observe(app: FastifyInstance, { log, metrics }: ServerContext): void {
  app.addHook('onRequest', async (request, reply) => {
    const begun = performance.now()
    const { raw } = reply
    raw.once('close', () => {
      const { route } = request.routeOptions.config
      const status = raw.statusCode
      const seconds = (performance.now() - begun) / 1000
      const routeId = route?.id ?? 'none'
      metrics.request(routeId, status, seconds)
      log.info(
        {
          requestId: request.id,
          route: routeId,
          method: request.method,
          status,
          ms: Math.round(seconds * 1e6) / 1e3,
          ...(raw.writableFinished ? {} : { cut: true }),
          ...(request.principal === undefined ? {} : { credential: request.principal.credential }),
          ...(TURNED_AWAY.has(status) ? { ip: request.ip } : {}),
        },
        'request',
      )
    })
  })
}
