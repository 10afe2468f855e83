import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Request, type Response } from 'express'
import { describe, expect, it } from 'vitest'
import { testHttpAdapter } from '../conformance/adapter/http-suite.ts'
import { ADDED, FAILURE, type ServiceOptions, type TriedService } from '../conformance/adapter/service.ts'
import { auditOf, captureExpress } from './express.ts'

async function serve({ trail, options, ran }: ServiceOptions): Promise<TriedService> {
  const machines = express.Router()
  const run = (route: string, handle: (request: Request, answer: Response) => unknown) => {
    return (request: Request, answer: Response) => {
      ran(route)
      return handle(request, answer)
    }
  }
  machines.post(
    '/find',
    run('/v1/machine/find', (_, answer) => answer.json([])),
  )
  machines.post(
    '/:id/free',
    run('/v1/machine/{id}/free', (request, answer) => {
      const { correlationId, operation } = auditOf(request) ?? {}
      answer.json({ correlationId, operation })
    }),
  )
  // Mounted before it is complete, and before it is mounted itself.
  const v1 = express.Router()
  v1.use('/machine', machines)
  machines
    .route('/:id')
    .get(run('/v1/machine/{id}', (_, answer) => answer.json({})))
    .delete(
      run('/v1/machine/{id}', async (request, answer) => {
        auditOf(request)?.add(ADDED)
        await trail.record('disk.wipe')
        answer.sendStatus(204)
      }),
    )

  const app = express()
  captureExpress(app, trail, options)
  app.use((request, answer, next) => {
    if (request.url === '/guarded') answer.sendStatus(401)
    else next()
  })
  app.use(express.json())
  app.use('/v1', v1)
  v1.post(
    '/echo',
    run('/v1/echo', async (request, answer) => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      answer.type('application/octet-stream').send(Buffer.concat(pieces))
    }),
  )
  v1.post(
    '/json',
    run('/v1/json', (request, answer) => answer.json(request.body)),
  )
  v1.post(
    '/fail',
    run('/v1/fail', () => {
      throw new Error(FAILURE)
    }),
  )
  v1.post(
    '/hang',
    run('/v1/hang', () => {}),
  )
  v1.post(
    '/forbidden',
    run('/v1/forbidden', (_, answer) => answer.sendStatus(403)),
  )
  // Express prints what handlers throw unless it is told that this is a test.
  app.set('env', 'test')

  const server = createServer(app)
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

testHttpAdapter({ describe, it }, { name: 'express', serve })

it('comes before everything else of an application', () => {
  const app = express()
  app.get('/', (_, answer) => answer.end())
  expect(() => captureExpress(app, { capture: {} } as never)).toThrow(/comes before/)
})
