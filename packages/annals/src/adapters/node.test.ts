import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { testHttpAdapter } from '../conformance/adapter/http-suite.ts'
import { ADDED, FAILURE, type ServiceOptions, type TriedService } from '../conformance/adapter/service.ts'
import { auditOf, captureNode } from './node.ts'

const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/machine\/find$/, '/v1/machine/find'],
  [/^\/v1\/machine\/[^/]+\/free$/, '/v1/machine/{id}/free'],
  [/^\/v1\/machine\/[^/]+$/, '/v1/machine/{id}'],
  [/^\/v1\/(echo|json|fail|hang|forbidden)$/, ''],
]

function routeOf({ url = '' }: IncomingMessage): string | undefined {
  const path = new URL(url, 'http://host').pathname
  const found = ROUTES.find(([pattern]) => pattern.test(path))
  return found === undefined ? undefined : found[1] || path
}

async function serve({ trail, options, ran }: ServiceOptions): Promise<TriedService> {
  const handle = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const route = routeOf(request)
    if (route === undefined) {
      answer.writeHead(request.url === '/guarded' ? 401 : 404).end()
      return
    }
    ran(route)
    if (route === '/v1/fail') throw new Error(FAILURE)
    if (route === '/v1/hang') return
    if (route === '/v1/forbidden') answer.statusCode = 403
    if (request.method === 'DELETE') {
      auditOf(request)?.add(ADDED)
      await trail.record('disk.wipe')
      answer.statusCode = 204
      answer.end()
      return
    }
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    answer.setHeader('content-type', route === '/v1/echo' ? 'application/octet-stream' : 'application/json')
    const { correlationId, operation } = auditOf(request) ?? {}
    answer.end(route.endsWith('free') ? JSON.stringify({ correlationId, operation }) : Buffer.concat(pieces))
  }
  const server = createServer(captureNode(trail, { ...options, route: routeOf }, handle))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

testHttpAdapter({ describe, it }, { name: 'node', serve })

it('a trail without a policy is refused', () => {
  expect(() => captureNode({ capture: undefined } as never, { route: () => '/' }, () => {})).toThrow(
    /createPolicy/,
  )
})
