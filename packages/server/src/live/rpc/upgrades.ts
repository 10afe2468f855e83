import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** A request to speak WebSocket, and the connection it came on. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly wire: Duplex
  /** What came on the connection already. */
  readonly head: Buffer
}

const UPGRADES = new WeakMap<ServerResponse, Upgrade>()

/**
 * Sends requests with `Upgrade` through the same routes as all others, so that who asks, how often, and what is answered when they may
 * not, is decided in one place.
 */
export function routeUpgrades(app: FastifyInstance): void {
  app.server.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => {
    // A client that goes away here has nobody else to be told.
    wire.on('error', () => wire.destroy())
    if (request.method !== 'GET') {
      // Its body is no longer read.
      wire.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(wire as never)
    response.once('finish', () => wire.end())
    UPGRADES.set(response, { request, wire, head })
    app.routing(request, response)
  })
}

/** Takes the connection of a response that is to become a WebSocket. */
export function takeUpgrade(response: ServerResponse): Upgrade {
  const upgrade = UPGRADES.get(response)
  if (upgrade === undefined) throw new TypeError('takeUpgrade: this response is of no upgrade')
  response.detachSocket(upgrade.wire as never)
  return upgrade
}
