import type { OutgoingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { LocalReader } from 'annals'
import { AnnalsError } from 'annals/model'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '../access/principal.ts'
import type { ServerContext } from '../context.ts'
import { parsePart } from './parse-part.ts'
import { HttpError, problemOf } from './problem.ts'
import type { Call, Reply, Route } from './route.ts'

type TakeOver = Extract<Reply, { takeOver: unknown }>

const GONE = new DOMException('the answer is over', 'AbortError')

/** Serves a route: who asks, may they, is the request well-formed; then its handler, which sees the log through the reader alone. */
export function serveRoute(app: FastifyInstance, route: Route, context: ServerContext): void {
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: route.bodyLimit ?? context.settings.limits.body,
    // The head of a stream without end would have no end either.
    exposeHeadRoute: !isEndless(route),
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
  const isOpen = route.permission === undefined || route.isOpen?.(context.settings) === true
  const principal = isOpen ? undefined : (request.principal as Principal)
  if (!isOpen && !mayAsk(route, principal)) {
    throw new AnnalsError('ANNALS_DENIED', `This needs the permission "${route.permission}".`, {
      hint: 'Ask for a token with it.',
    })
  }
  const params = parsePart('path', route.params, request.params)
  const query = parsePart('query', route.query, request.query)
  if (route.body === undefined && request.body !== undefined)
    throw new HttpError(400, 'ANNALS_INVALID', 'This request has no body.', { hint: 'Leave it out.' })
  const isParsed = route.body !== undefined && route.body !== 'raw'
  const body = isParsed ? parsePart('body', route.body as never, request.body) : undefined
  const ended = new AbortController()
  // With a reason of its own: making one for each request costs more than it tells.
  const abort = (): void => ended.abort(GONE)
  reply.raw.once('close', abort)
  // Opened when it is asked for: recording needs none.
  const opened: { reader?: LocalReader } = {}
  const call = {
    params,
    query,
    body,
    headers: request.headers as Call<unknown, unknown, unknown>['headers'],
    id: request.id,
    ip: request.ip,
    signal: ended.signal,
    get raw() {
      return (request.body ?? Readable.from([])) as AsyncIterable<Uint8Array>
    },
    get principal() {
      return present(principal)
    },
    get reader() {
      opened.reader ??= context.trail.restrict(present(principal).scope)
      return opened.reader
    },
  }
  let streams = false
  try {
    const answer = await route.handle(call as never, context)
    if ('takeOver' in answer) {
      streams = true
      takeOver(answer, request, reply, context, () => opened.reader?.close())
      return reply
    }
    // The head of a stream is answered without one.
    streams = 'stream' in answer && request.method !== 'HEAD'
    if ('stream' in answer && !streams) return send(reply, { ...answer, bytes: '' }, () => undefined)
    return send(reply, answer, () => opened.reader?.close())
  } finally {
    if (!streams) await opened.reader?.close()
  }
}

function mayAsk({ permission }: Route, principal: Principal | undefined): boolean {
  if (principal === undefined || permission === undefined) return permission === undefined
  return permission === 'any' || principal.permissions.has(permission)
}

function isEndless({ responses }: Route): boolean {
  return responses[101] !== undefined || responses[200]?.type === 'text/event-stream'
}

/** Hands the connection to the answer. What fails from now on can only be logged. */
function takeOver(
  answer: TakeOver,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: ServerContext,
  onEnd: () => Promise<void> | undefined,
): void {
  reply.hijack()
  const headers = { ...(reply.getHeaders() as OutgoingHttpHeaders), 'x-request-id': request.id }
  answer
    .takeOver(reply.raw, headers)
    .catch((error: unknown) => {
      const { problem } = problemOf(error, request.id)
      log.error({ requestId: request.id, code: problem.code, err: error }, 'stream failed')
      reply.raw.destroy()
    })
    .then(onEnd)
    .catch(() => {})
}

function send(
  reply: FastifyReply,
  answer: Exclude<Reply, TakeOver>,
  onEnd: () => Promise<void> | undefined,
): FastifyReply {
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
