import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { describe, it } from 'vitest'
import { testHttpAdapter } from '../conformance/adapter/http-suite.ts'
import { ADDED, FAILURE, type ServiceOptions, type TriedService } from '../conformance/adapter/service.ts'
import { auditOf, captureFastify } from './fastify.ts'

async function serve({ trail, options, ran }: ServiceOptions): Promise<TriedService> {
  const app = fastify()
  await app.register(captureFastify(trail, options))
  app.addHook('onRequest', async (request, reply) => {
    if (request.url === '/guarded') await reply.code(401).send()
  })
  app.addContentTypeParser(
    ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'],
    (_request, payload, done) => done(null, payload),
  )
  const run = (route: string, handle: (request: FastifyRequest, reply: FastifyReply) => unknown) => {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      ran(route)
      return await handle(request, reply)
    }
  }
  await app.register(
    async v1 => {
      v1.post(
        '/machine/find',
        run('/v1/machine/find', () => []),
      )
      v1.get(
        '/machine/:id',
        run('/v1/machine/{id}', () => ({})),
      )
      v1.post(
        '/machine/:id/free',
        run('/v1/machine/{id}/free', request => {
          const { correlationId, operation } = auditOf(request) ?? {}
          return { correlationId, operation }
        }),
      )
      v1.delete(
        '/machine/:id',
        run('/v1/machine/{id}', async (request, reply) => {
          auditOf(request)?.add(ADDED)
          await trail.record('disk.wipe')
          reply.code(204)
        }),
      )
      v1.post(
        '/echo',
        run('/v1/echo', async (request, reply) => {
          const pieces: Buffer[] = []
          for await (const piece of (request.body ?? []) as AsyncIterable<Buffer>) pieces.push(piece)
          return await reply.type('application/octet-stream').send(Buffer.concat(pieces))
        }),
      )
      v1.post(
        '/json',
        run('/v1/json', request => request.body),
      )
      v1.post(
        '/fail',
        run('/v1/fail', () => {
          throw new Error(FAILURE)
        }),
      )
      v1.post(
        '/hang',
        run('/v1/hang', () => new Promise(() => {})),
      )
      v1.post(
        '/forbidden',
        run('/v1/forbidden', (_, reply) => reply.code(403).send()),
      )
    },
    { prefix: '/v1' },
  )
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    async close() {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

testHttpAdapter({ describe, it }, { name: 'fastify', serve })
