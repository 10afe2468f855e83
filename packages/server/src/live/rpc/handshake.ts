import { HttpError } from '../../http/problem.ts'

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Name of what is spoken on the socket. */
export const PROTOCOL = 'annals.v1'

/** In front of a token among the protocols that a browser offers: it cannot send headers, and an address would be logged. */
const BEARER = 'bearer.'

/** `Authorization` of a socket: the header, or the token among the offered protocols. */
export function authorizationOf(headers: Headers): string | undefined {
  const { authorization, 'sec-websocket-protocol': protocols } = headers
  if (typeof authorization === 'string') return authorization
  const offered = String(protocols ?? '')
    .split(',')
    .map(name => name.trim())
  const token = offered.find(name => name.startsWith(BEARER))?.slice(BEARER.length)
  return token === undefined || !offered.includes(PROTOCOL) ? undefined : `Bearer ${token}`
}

/**
 * Checks that a page may open sockets: it is of this host, or of an origin that is allowed. What is no page sends no origin.
 *
 * @throws HttpError 403
 */
export function checkOrigin({ origin, host }: Headers, allowed: readonly string[]): void {
  if (typeof origin !== 'string' || allowed.includes(origin)) return
  if (URL.canParse(origin) && new URL(origin).host === host) return
  throw new HttpError(403, 'ANNALS_DENIED', 'Pages of this origin may not open sockets.', {
    hint: 'Whoever runs the server can allow it with the setting "cors".',
  })
}

/** @throws HttpError 426 when the request does not ask for a WebSocket */
export function checkUpgrade({ upgrade }: Headers): void {
  if (String(upgrade).toLowerCase() === 'websocket') return
  throw new HttpError(426, 'ANNALS_INVALID', 'This path speaks WebSocket.', {
    hint: 'Open it as a WebSocket with the protocol annals.v1.',
    headers: { Upgrade: 'websocket' },
  })
}
