import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { MAX_ADD_CHECKPOINT } from '@annals/tlog'
import type { Witness, WitnessAnswer } from './witness.ts'

/** Longest time for one request, in milliseconds: a slow client must not hold a place. */
const REQUEST_MS = 10_000
/** Requests at a time; more are answered 503. */
const MOST_REQUESTS = 64

/** Options of {@link serveWitness}. */
export interface ServeWitnessOptions {
  readonly witness: Witness
  /** @defaultValue 127.0.0.1 */
  readonly host?: string | undefined
  /** 0 for any that is free. */
  readonly port: number
  /** Told of every call, without content: for a line in a log. */
  readonly onCall?: ((status: number) => void) | undefined
  readonly onError?: ((error: Error) => void) | undefined
}

/** A witness that is being served. */
export interface ServedWitness {
  readonly url: string
  /** Answers what has come in, and stops. */
  close(): Promise<void>
}

/**
 * Serves a witness over HTTP: `POST /add-checkpoint` of C2SP tlog-witness, and `GET /vkey`. Put TLS in front of it where the
 * network is not trusted; what is signed cannot be altered on the way.
 *
 * @example
 * ```ts
 * const served = await serveWitness({ witness, port: 8080 })
 * ```
 */
export async function serveWitness(options: ServeWitnessOptions): Promise<ServedWitness> {
  const { witness, host = '127.0.0.1', port, onCall, onError } = options
  let running = 0
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      running++
      response.once('close', () => running--)
      respond(witness, request, response, running > MOST_REQUESTS).then(
        status => onCall?.(status),
        (error: unknown) => {
          onError?.(error instanceof Error ? error : new Error(String(error)))
          if (!response.headersSent) send(response, 500, 'text/plain; charset=utf-8', 'the witness failed\n')
          else response.destroy()
        },
      )
    },
  )
  server.maxConnections = 4 * MOST_REQUESTS
  await listen(server, host, port)
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error === undefined ? resolve() : reject(error)))
        server.closeIdleConnections()
      }),
  }
}

async function respond(
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
  full: boolean,
): Promise<number> {
  const { pathname } = new URL(request.url ?? '/', 'http://witness.invalid')
  if (full) return refuse(request, response, 503, 'too many requests at a time')
  if (pathname === '/vkey' && (request.method === 'GET' || request.method === 'HEAD'))
    return send(response, 200, 'text/plain; charset=utf-8', `${witness.vkey}\n`)
  if (pathname !== '/add-checkpoint' && pathname !== '/vkey')
    return refuse(request, response, 404, 'there is POST /add-checkpoint and GET /vkey')
  if (pathname === '/vkey' || request.method !== 'POST') {
    response.setHeader('allow', pathname === '/vkey' ? 'GET' : 'POST')
    return refuse(request, response, 405, 'another method is needed')
  }
  const body = await read(request)
  if (body === undefined) return refuse(request, response, 413, 'the body is too long')
  const { status, type, body: text }: WitnessAnswer = await witness.addCheckpoint(body)
  return send(response, status, type, text)
}

/** The body; undefined when it is too long, of which no more is kept than is allowed. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > MAX_ADD_CHECKPOINT) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** Answers without having read the body: the connection cannot be used again. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, why: string): number {
  if (!request.complete) response.setHeader('connection', 'close')
  return send(response, status, 'text/plain; charset=utf-8', `${why}\n`)
}

function send(response: ServerResponse, status: number, type: string, body: string): number {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  response.end(body)
  return status
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
