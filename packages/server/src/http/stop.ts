import type { FastifyInstance } from 'fastify'

/** How often connections that have become idle are looked for while the server stops, milliseconds. */
const LOOK_MS = 50

/** How a server stops: it answers what is under way first, or it does not. */
export type StopHow = 'drain' | 'now'

/**
 * Takes nothing new, and resolves when everything under way is answered; what is not in time is cut off.
 *
 * @param drainSeconds time that it has
 */
export async function stopListening(app: FastifyInstance, drainSeconds: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), drainSeconds * 1000)
  // A connection whose answer was under way goes on to live when it is answered.
  const idle = setInterval(() => app.server.closeIdleConnections(), LOOK_MS)
  try {
    await app.close()
  } finally {
    clearTimeout(cut)
    clearInterval(idle)
  }
}
