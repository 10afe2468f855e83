import { defineRoute } from '../http/route.ts'
import { authorizationOf, checkOrigin, checkUpgrade } from '../live/rpc/handshake.ts'
import { openSocket } from '../live/rpc/open-socket.ts'

/** JSON-RPC 2.0 over WebSocket: `spec/rpc-v1.md`. */
export const rpc = defineRoute({
  id: 'rpc',
  method: 'GET',
  path: '/v1/rpc',
  tag: 'live',
  summary: 'JSON-RPC 2.0 over WebSocket',
  permission: 'any',
  authorization: authorizationOf,
  responses: {
    101: { description: 'A WebSocket with the protocol annals.v1. See spec/rpc-v1.md.' },
    426: { description: 'The request asks for no WebSocket.' },
  },
  async handle({ headers, principal, reader, id }, context) {
    checkUpgrade(headers)
    checkOrigin(headers, context.settings.cors)
    return { takeOver: openSocket({ principal, reader, context, requestId: id }) }
  },
})
