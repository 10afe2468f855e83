import { Readable } from 'node:stream'
import { AnnalsError } from 'annals/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { ServerContext } from '../context.ts'
import { parsePart } from './parse-part.ts'
import type { Call, Reply, Route } from './route.ts'

/** Serves a route: who asks, may they, is the request well-formed; then its handler, which sees the log through the reader alone. */
export function serveRoute(app: FastifyInstance, route: Route, context: ServerContext): void {
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimit ?? context.settings.limits.body,
    config: { route },
    handler: (request, reply) => serve(route, context, request, reply),
  })
}

async function serve(
  route: Route,
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const principal = route.permission === undefined ? undefined : (request.principal as Principal)
  if (route.permission !== undefined && !principal?.permissions.has(route.permission)) {
    throw new AnnalsError('ANNALS_DENIED', `This needs the permission "${route.permission}".`, {
      hint: 'Ask for a token with it.',
    })
  }
  const params = parsePart('path', route.params, request.params)
  const query = parsePart('query', route.query, request.query)
  const isParsed = route.body !== undefined && route.body !== 'raw'
  const body = isParsed ? parsePart('body', route.body as never, request.body) : undefined
  const ended = new AbortController()
  const abort = (): void => ended.abort()
  reply.raw.once('close', abort)
  const reader = principal === undefined ? undefined : context.trail.restrict(principal.scope)
  const call = {
    params,
    query,
    body,
    headers: request.headers as Call<unknown, unknown, unknown>['headers'],
    id: request.id,
    ip: request.ip,
    signal: ended.signal,
    raw: request.body as AsyncIterable<Uint8Array>,
    get principal() {
      return present(principal)
    },
    get reader() {
      return present(reader)
    },
  }
  let streams = false
  try {
    const answer = await route.handle(call as never, context)
    streams = 'stream' in answer
    return send(reply, answer, () => reader?.close())
  } finally {
    if (!streams) await reader?.close()
  }
}

function send(reply: FastifyReply, answer: Reply, onEnd: () => Promise<void> | undefined): FastifyReply {
  reply.code(answer.status ?? 200).headers(answer.headers ?? {})
  if ('json' in answer) return reply.type(answer.type ?? 'application/json').send(JSON.stringify(answer.json))
  reply.type(answer.type)
  if ('bytes' in answer) return reply.send(answer.bytes)
  for (const [name, make] of Object.entries(answer.trailers ?? {})) reply.trailer(name, async () => make())
  const stream = Readable.from(answer.stream, { objectMode: false })
  stream.once('close', () => {
    onEnd()?.catch(() => {})
  })
  return reply.send(stream)
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('this route is open to everyone: there is no principal')
  return value
}
