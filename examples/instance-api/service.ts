import type { Trail } from 'annals'
import { auditOf, captureExpress } from 'annals/adapters/express'
import express, { type Request } from 'express'

interface Instance {
  readonly id: string
  name: string
  state: 'running' | 'stopped'
}

/** Action and route template of everything that may change. */
export const ROUTES = [
  { method: 'POST', route: '/instances', action: 'instance.provision' },
  { method: 'POST', route: '/instances/{id}/stop', action: 'instance.stop' },
  { method: 'POST', route: '/instances/{id}/rename', action: 'instance.rename' },
  { method: 'DELETE', route: '/instances/{id}', action: 'instance.destroy' },
  { method: 'POST', route: '/instances/find', action: undefined },
] as const

/** A small API for instances. Its handlers know nothing of auditing but the two lines that say what has changed. */
export function instanceApi(trail: Trail): express.Express {
  const instances = new Map<string, Instance>()
  const app = express()
  captureExpress<Request>(app, trail, {
    component: 'instance-api',
    headers: ['x-reason', 'authorization'],
    actor: ({ headers }) => {
      const user = headers['x-user']
      return typeof user === 'string' ? { type: 'user', id: user } : undefined
    },
    tenant: ({ headers }) => headers['x-tenant']?.toString(),
    project: ({ headers }) => headers['x-project']?.toString(),
    targets: ({ params }) =>
      params?.['id'] === undefined ? [] : [{ type: 'instance', id: `${params['id']}` }],
    action: ({ method, route }) =>
      ROUTES.find(one => one.method === method && one.route === route)?.action ?? 'http.request',
    // The event types of annals/catalogs/instances say what data belongs to an action.
    data: (_, { body }) => (body === undefined || Object.keys(body).length === 0 ? undefined : body),
  })
  app.use((request, answer, next) => {
    if (request.headers.authorization === undefined) answer.sendStatus(401)
    else next()
  })
  app.use(express.json())

  const found = (request: Request): Instance => {
    const instance = instances.get(`${request.params['id']}`)
    if (instance === undefined) throw Object.assign(new Error('There is no such instance.'), { status: 404 })
    return instance
  }
  app.get('/instances', (_, answer) => answer.json([...instances.values()]))
  app.post('/instances/find', (_, answer) => answer.json([...instances.values()]))
  app.post('/instances', (request, answer) => {
    const instance: Instance = { id: `i-${instances.size + 1}`, name: 'new', state: 'running' }
    instances.set(instance.id, instance)
    auditOf(request)?.add({ targets: [{ type: 'instance', id: instance.id }] })
    answer.status(201).json(instance)
  })
  app.post('/instances/:id/stop', (request, answer) => {
    const instance = found(request)
    const before = instance.state
    instance.state = 'stopped'
    auditOf(request)?.add({ changes: [{ op: 'replace', path: '/state', before, after: 'stopped' }] })
    answer.json(instance)
  })
  app.post('/instances/:id/rename', (request, answer) => {
    const instance = found(request)
    const before = instance.name
    instance.name = request.body.name
    auditOf(request)?.add({ changes: [{ op: 'replace', path: '/name', before, after: instance.name }] })
    answer.json(instance)
  })
  app.delete('/instances/:id', async (request, answer) => {
    const { id } = found(request)
    // Who asked and where from is inherited.
    await trail.record('disk.wipe', { targets: [{ type: 'disk', id: `${id}-root` }] })
    instances.delete(id)
    answer.sendStatus(204)
  })
  app.use(
    (error: Error & { status?: number }, _: Request, answer: express.Response, __: express.NextFunction) => {
      answer.status(error.status ?? 500).json({ message: error.message })
    },
  )
  return app
}
