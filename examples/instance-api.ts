// A service that is audited by interceptors: an Express API and a gRPC service with one policy, driven from outside, and what their log
// says of it afterwards.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalog, defineEvent, openTrail } from 'annals'
import { instances } from 'annals/catalogs/instances'
import { createPolicy } from 'annals/policy'
import { checkRouteCoverage } from 'annals/testing'
import { parse } from 'yaml'
import { bootService, register } from './instance-api/boot.ts'
import { instanceApi, ROUTES } from './instance-api/service.ts'

const dir = await mkdtemp(join(tmpdir(), 'annals-instance-api-'))
const policy = await readFile(new URL('./instance-api/policy.yaml', import.meta.url), 'utf8')
const types = catalog(
  ...instances.flat(),
  defineEvent('disk.wipe', { describe: '{actor} wiped disk {target}' }),
  defineEvent('instance.register', { describe: '{actor} registered itself' }),
  defineEvent('http.request', { describe: '{actor} sent a request' }),
)

try {
  await using trail = await openTrail({ dir, catalog: types, capture: createPolicy(parse(policy)) })
  const server = instanceApi(trail).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const ask = async (method: string, path: string, body?: object, more: Record<string, string> = {}) => {
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer s3cret',
      'x-user': 'ada',
      'x-tenant': 'acme',
    }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await fetch(`${url}${path}`, { method, headers: { ...headers, ...more }, ...sent })
    return { status: answer.status, id: answer.headers.get('x-request-id') }
  }
  const made = await ask('POST', '/instances', { image: 'debian-13', package: 'g1.small' })
  assert.equal(made.status, 201)
  assert.equal((await ask('POST', '/instances/i-1/rename', { name: 'web-3' })).status, 200)
  assert.equal((await ask('POST', '/instances/i-1/stop')).status, 200)
  assert.equal((await ask('POST', '/instances/find', { name: 'web' })).status, 200)
  assert.equal((await ask('GET', '/instances')).status, 200)
  assert.equal((await ask('POST', '/instances/i-9/stop')).status, 404)
  assert.equal((await ask('DELETE', '/instances/i-1', undefined, { 'x-request-id': 'rq-7' })).id, 'rq-7')
  const stranger = await fetch(`${url}/instances/i-1`, { method: 'DELETE' })
  assert.equal(stranger.status, 401)

  const boot = await bootService(trail)
  await register(boot.port, { uuid: 'i-2', ipmiPassword: 'hunter2' })
  boot.close()

  server.close()
  await once(server, 'close')
  await trail.flush()

  // One line for each operation: its outcome.
  for await (const event of trail.events('NOT phase:attempt'))
    console.log(`${event.outcome.result.padEnd(8)} ${trail.describe(event)}`)

  const { events } = await trail.find('action:instance.rename phase:outcome')
  assert.deepEqual(events[0]?.changes, [{ op: 'replace', path: '/name', before: 'new', after: 'web-3' }])
  const wiped = await trail.find('action:disk.wipe')
  assert.deepEqual([wiped.events[0]?.actor.id, wiped.events[0]?.origin.correlationId], ['ada', 'rq-7'])
  assert.equal((await trail.count('outcome:denied')).total, 1)

  const registered = await trail.find('action:instance.register')
  // The rule wants a single event; the password is in none.
  assert.deepEqual(
    registered.events.map(({ phase, tags }) => [phase, tags?.['rpc.method']]),
    [['single', 'Register']],
  )
  assert.equal((await trail.count('hunter2')).total, 0)

  await checkRouteCoverage({
    routes: ROUTES,
    events: trail.events(),
    exempt: { 'POST /instances/find': 'only asks' },
  })
} finally {
  await rm(dir, { recursive: true, force: true })
}
