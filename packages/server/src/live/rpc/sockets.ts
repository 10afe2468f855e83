import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { PROTOCOL } from './handshake.ts'
import type { Upgrade } from './upgrades.ts'

/** How long a client has to answer the closing of a socket, milliseconds. */
const GRACE_MS = 2_000
/** Pieces of a message, so that it is not sent byte by byte. */
const MOST_FRAGMENTS = 1_024

/** Makes WebSockets (RFC 6455) of connections. */
export class Sockets {
  readonly #server: WebSocketServer

  /** @param message largest message in bytes; a longer one ends the socket with 1009 */
  constructor(message: number) {
    const options: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      maxPayload: message,
      maxFragments: MOST_FRAGMENTS,
      // Compression costs memory for each socket, and tells of secrets by length.
      perMessageDeflate: false,
      closeTimeout: GRACE_MS,
      handleProtocols: offered => (offered.has(PROTOCOL) ? PROTOCOL : false),
    }
    this.#server = new WebSocketServer(options)
  }

  /** Greets the client; undefined when it did not speak WebSocket after all, which it was told. */
  async greet({ request, wire, head }: Upgrade): Promise<WebSocket | undefined> {
    return await new Promise(resolve => {
      const gone = (): void => resolve(undefined)
      wire.once('close', gone)
      if (wire.destroyed) gone()
      else
        this.#server.handleUpgrade(request, wire, head, socket => {
          wire.off('close', gone)
          resolve(socket)
        })
    })
  }
}
