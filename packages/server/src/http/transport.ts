import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import type { Settings } from '../settings/settings.ts'
import { answerClientError, answerFrameworkError } from './answer-problems.ts'
import type { Certificate } from './certificate.ts'
import { requestIdOf } from './request-id.ts'

/** Bytes of the request line with its headers. */
const MAX_HEADER_BYTES = 16 * 1024
/** How often connections are looked at whether they are too slow, milliseconds. */
const CHECK_MS = 1_000

/** How connections are taken: bounds on time and size, TLS, and whose word about addresses is believed. */
export function transportOf(settings: Settings, certificate: Certificate | undefined): FastifyServerOptions {
  const { limits, trustedProxies } = settings
  const bounds = {
    headersTimeout: Math.min(limits.headersSeconds, limits.requestSeconds) * 1000,
    connectionsCheckingInterval: CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAlive: true,
  }
  const options = {
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: limits.body,
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    forceCloseConnections: 'idle' as const,
    // Refused by a problem of ours.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 2048, ignoreTrailingSlash: false },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError,
  }
  if (certificate === undefined) return { ...options, http: bounds } as FastifyServerOptions
  const { cert, key } = certificate.pem
  return { ...options, https: { ...bounds, cert, key, minVersion: 'TLSv1.2' } } as FastifyServerOptions
}

/** Bounds the connections, and cuts off those that do not take what they asked for. */
export function boundConnections(app: FastifyInstance, settings: Settings): void {
  const { limits } = settings
  const open = new Map<Socket, { written: number; since: number }>()
  app.server.maxConnections = limits.connections
  // Over TLS, what waits to be sent is known to the inner socket only.
  app.server.on(settings.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    open.set(socket, { written: 0, since: performance.now() })
    socket.once('close', () => open.delete(socket))
  })
  const timer = setInterval(() => {
    const now = performance.now()
    for (const [socket, state] of open) {
      if (socket.writableLength === 0 || socket.bytesWritten !== state.written) {
        state.written = socket.bytesWritten
        state.since = now
      } else if (now - state.since > limits.stallSeconds * 1000) socket.destroy()
    }
  }, CHECK_MS).unref()
  app.addHook('onClose', async () => clearInterval(timer))
}
