import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { isLongBody } from './long-bodies.ts'
import { HttpError, type Problem, problemOf } from './problem.ts'

/** Problems (RFC 9457) for whatever goes wrong in a route, before it, or for want of one. */
export function answerProblems(app: FastifyInstance, context: ServerContext): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, context))
  app.setNotFoundHandler((request, reply) => {
    const absent = new HttpError(404, 'ANNALS_NOT_FOUND', 'There is no such path.', {
      hint: 'GET /v1/openapi.json lists them.',
    })
    return sendProblem(absent, request, reply, context)
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-Request-Id', request.id)
    reply.header('Cache-Control', reply.getHeader('Cache-Control') ?? 'no-store')
  })
}

/** Answers with the problem that an error is; what an operator should look at goes to the log, too. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, metrics }: Pick<ServerContext, 'log' | 'metrics'>,
): FastifyReply {
  const { problem, fault } = problemOf(error, request.id)
  metrics.problem(problem.code)
  // Whoever has gone has stopped it themselves.
  const isGone = error instanceof Error && error.name === 'AbortError'
  if (fault && !isGone) log.error({ requestId: request.id, code: problem.code, err: error }, 'request failed')
  if (error instanceof HttpError) reply.headers(error.headers)
  if (problem.status === 401) reply.header('WWW-Authenticate', 'Bearer')
  if (problem.status === 503 && !reply.hasHeader('Retry-After')) reply.header('Retry-After', '5')
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** Answers what is no request by its path, such as one that cannot be decoded. */
export function answerFrameworkError(error: FastifyError, { id }: FastifyRequest, reply: FastifyReply): void {
  const { problem } = problemOf(
    new HttpError(error.statusCode ?? 400, 'ANNALS_INVALID', 'The path cannot be read.'),
    id,
  )
  reply.code(problem.status).header('X-Request-Id', id).type('application/problem+json')
  reply.send(JSON.stringify(problem))
}

/** What a client did that is no HTTP, by the code of Node.js. */
const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The body is too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
}

/** Answers what is no HTTP, or came too slowly, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && isLongBody(socket)) return
  const [status, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'This is no HTTP request.']
  const { problem } = problemOf(new HttpError(status, 'ANNALS_INVALID', detail), randomUUID())
  if (socket.writable) socket.write(rawAnswer(problem))
  socket.destroySoon()
}

function rawAnswer(problem: Problem): string {
  const body = JSON.stringify(problem)
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${problem.requestId}`,
    '',
    body,
  ].join('\r\n')
}
