import { expect, it } from 'vitest'
import { serve } from '../testing/serve.ts'

it('answers a page to those who may read, with the facts of the log', async () => {
  await using server = await serve()
  await server.trail.record('machine.delete', { tenant: 'acme', actor: { type: 'user', id: 'alice' } })
  await server.trail.record('machine.start', { tenant: 'umbra', actor: { type: 'user', id: 'bob' } })
  const all = await (await server.ask('/v1/events')).json()
  expect(all).toMatchObject({ events: [{ action: 'machine.start' }, { action: 'machine.delete' }], gaps: [] })
  const token = await server.token({ role: 'tenant-admin', tenant: 'acme' })
  const some = await (await server.ask('/v1/events?query=tenant:umbra OR *', { token })).json()
  expect(some).toMatchObject({ events: [{ action: 'machine.delete' }] })
  expect((await server.ask('/v1/events', { token: null })).status).toBe(401)
  const unknown = await server.ask('/v1/events?limti=3')
  expect(unknown.status).toBe(400)
  expect(await unknown.json()).toMatchObject({ code: 'ANNALS_INVALID', path: 'limti' })
  const recorder = await server.token({ role: 'recorder' })
  expect((await server.ask('/v1/events', { token: recorder })).status).toBe(403)
})
