import type { Socket } from 'node:net'

const LONG = new WeakSet<Socket>()

/** How long a client that was answered before it had sent everything has to read the answer, milliseconds. */
const LINGER_MS = 1_000

/**
 * A stream of lines may take hours: it is excused from the time in which a request must have arrived whole, until this is disposed of.
 * Whoever reads it sees to it that something arrives. Disposing closes the connection when not all was sent: what still comes would be
 * read in vain.
 *
 * @param body an IncomingMessage
 */
export function allowLongBody(body: unknown): Disposable {
  const message = (body ?? {}) as { readonly socket?: Socket | undefined; readonly complete?: boolean }
  const { socket } = message
  if (socket === undefined) return { [Symbol.dispose]: () => {} }
  LONG.add(socket)
  return {
    [Symbol.dispose]: () => {
      LONG.delete(socket)
      if (message.complete !== true) closeGently(socket)
    },
  }
}

/** Whether a body that is still arriving on this connection may take as long as it does. */
export function isLongBody(socket: Socket): boolean {
  return LONG.has(socket)
}

/** Ends our half, and the connection a moment later: at once, the client could lose what it has not read yet. */
function closeGently(socket: Socket): void {
  if (socket.destroyed) return
  socket.end()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
