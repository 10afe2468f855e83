import type { FastifyInstance, HTTPMethods } from 'fastify'
import { HttpError } from './problem.ts'
import type { Route } from './route.ts'

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Answers 405 and what is allowed where a path is there, but not for the method that was asked with. */
export function refuseMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const path of new Set(routes.map(route => route.path))) {
    const taken = METHODS.filter(method => app.hasRoute({ method, url: path }))
    const allow = [...taken, 'OPTIONS'].join(', ')
    app.route({
      method: METHODS.filter(method => method !== 'OPTIONS' && !taken.includes(method)),
      url: path,
      handler: () => {
        throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'This path does not take the method.', {
          hint: `It takes ${taken.join(', ')}.`,
          headers: { Allow: allow },
        })
      },
    })
    app.options(path, async (_request, reply) => reply.code(204).header('Allow', allow).send())
  }
}
