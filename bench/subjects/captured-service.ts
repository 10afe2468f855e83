/** A service that says hello to whoever posts, bare or captured, in a process of its own: `captured-service.ts FRAMEWORK AWAIT DIR`. */
import { createServer } from 'node:http'
import { openTrail, type Trail } from 'annals'
import { captureExpress } from 'annals/adapters/express'
import { captureFastify } from 'annals/adapters/fastify'
import { createPolicy } from 'annals/policy'
import express from 'express'
import fastify from 'fastify'

const [, , framework, durability = '', dir = ''] = process.argv
const trail =
  durability === 'bare'
    ? undefined
    : await openTrail({
        dir,
        capture: createPolicy({ preset: 'mutating', defaults: { await: durability as 'stored' } }),
      })
const { url, close } = await (framework === 'express' ? onExpress(trail) : onFastify(trail))

async function onExpress(audit: Trail | undefined): Promise<Service> {
  const app = express()
  if (audit !== undefined) captureExpress(app, audit, { actor: () => ({ type: 'user', id: 'u-17' }) })
  app.use(express.json())
  app.post('/hello/:name', (request, answer) => {
    answer.json({ hello: request.params.name })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function onFastify(audit: Trail | undefined): Promise<Service> {
  const app = fastify()
  if (audit !== undefined)
    await app.register(captureFastify(audit, { actor: () => ({ type: 'user', id: 'u-17' }) }))
  app.post('/hello/:name', async request => ({ hello: (request.params as { name: string }).name }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    async close() {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

interface Service {
  readonly url: string
  close(): Promise<void>
}

process.once('message', () => {
  void close()
    .then(() => trail?.close())
    .then(() => process.disconnect())
})
process.send?.({ url })
