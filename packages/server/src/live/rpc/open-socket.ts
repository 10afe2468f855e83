import type { ServerResponse } from 'node:http'
import type { StopReason } from '../live-streams.ts'
import type { CallSetting } from './calls.ts'
import { Connection } from './connection.ts'
import { takeUpgrade } from './upgrades.ts'

/**
 * Takes a place for a socket.
 *
 * @returns what turns the connection of a response into the socket, and resolves when that is closed
 * @throws HttpError 429 and 503 when there are too many
 */
export function openSocket(
  setting: Omit<CallSetting, 'session' | 'outbox'>,
): (response: ServerResponse) => Promise<void> {
  const { principal, context, requestId } = setting
  let connection: Connection | undefined
  let early: StopReason | undefined
  const place = context.live.enter(principal, reason => {
    early = reason
    connection?.end(reason)
  })
  return async response => {
    using _ = place
    const { wire, ...upgrade } = takeUpgrade(response)
    const socket = await context.sockets.greet({ wire, ...upgrade })
    if (socket === undefined) return
    connection = new Connection(socket, wire, setting)
    if (early !== undefined) connection.end(early)
    const begun = performance.now()
    const code = await connection.closed
    const ms = Math.round(performance.now() - begun)
    context.log.info({ requestId, route: 'rpc', code, ms, credential: principal.credential }, 'socket closed')
  }
}
