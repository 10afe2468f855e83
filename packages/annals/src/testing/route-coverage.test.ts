import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { checkRouteCoverage, type RouteCoverageOptions } from './route-coverage.ts'
import type { ServiceRoute } from './service-route.ts'

const ROUTES: readonly ServiceRoute[] = [
  { method: 'GET', route: '/v1/machine' },
  { method: 'POST', route: '/v1/machine' },
  { method: 'delete', route: '/v1/machine/:id' },
  { method: 'DELETE', route: '/v1/machine/all' },
  { service: 'api.v1.BootService', rpc: 'Register' },
]
const http = (method: string, route: string): { action: string; tags: Record<string, string> } => ({
  action: 'some.act',
  tags: { 'http.request.method': method, 'http.route': route },
})
const REGISTER = {
  action: 'some.act',
  tags: { 'rpc.service': 'api.v1.BootService', 'rpc.method': 'Register' },
}
const ALL = [
  http('POST', '/v1/machine/'),
  http('DELETE', '/v1/machine/{machineId}'),
  http('DELETE', '/v1/machine/all'),
  REGISTER,
]

async function complaint(options: Partial<RouteCoverageOptions>): Promise<string> {
  try {
    await checkRouteCoverage({ routes: ROUTES, events: ALL, ...options })
    return ''
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError)
    return (error as AssertionError).message
  }
}

describe('checkRouteCoverage (T60)', () => {
  it('is content when every route that changes something recorded', async () => {
    expect(await complaint({})).toBe('')
  })

  it('names each route that recorded nothing', async () => {
    expect(await complaint({ events: [ALL[0], REGISTER] as typeof ALL })).toBe(
      '2 of 4 routes that change something recorded nothing:\n  DELETE /v1/machine/:id\n  DELETE /v1/machine/all',
    )
    expect(await complaint({ events: [] })).toMatch(
      /^4 of 4 .*\n {2}POST \/v1\/machine\n(.*\n){2} {2}api\.v1\.BootService\/Register$/,
    )
  })

  it('does not take one route for another that its template fits, nor a read for a change', async () => {
    const events = [
      ...ALL.slice(0, 1),
      http('DELETE', '/v1/machine/{id}'),
      http('GET', '/v1/machine/all'),
      REGISTER,
    ]
    expect(await complaint({ events })).toMatch(/^1 of 4 .*\n {2}DELETE \/v1\/machine\/all$/)
  })

  it('takes actions for events without tags, but never one action for two routes', async () => {
    const events = [{ action: 'machine.create' }, { action: 'machine.delete' }, REGISTER]
    const actions = {
      'POST /v1/machine': ['machine.create', 'x'],
      'DELETE /v1/machine/{id}': 'machine.delete',
    }
    expect(await complaint({ events, actions })).toMatch(/^1 of 4 .*\n {2}DELETE \/v1\/machine\/all$/)
    const shared = { ...actions, 'DELETE /v1/machine/all': 'machine.delete' }
    expect(
      await complaint({ events, actions: shared }),
    ).toBe(`2 of 4 routes that change something recorded nothing:
  DELETE /v1/machine/:id
  DELETE /v1/machine/all
recorded by several routes, so their events need the tags of the request:
  machine.delete`)
    const tagged = [...events, ...ALL.slice(1, 3)]
    expect(await complaint({ events: tagged, actions: shared })).toBe('')
  })

  it('lets routes be exempt for a reason, as long as it holds', async () => {
    const without = ALL.slice(0, 3)
    const key = 'api.v1.BootService/Register'
    expect(await complaint({ events: without, exempt: { [key]: 'recorded by the host' } })).toBe('')
    expect(await complaint({ events: without, exempt: { [key]: ' ' } })).toContain('exempt without a reason')
    expect(await complaint({ exempt: { [key]: 'recorded by the host' } })).toBe(
      `exempt, but recorded:\n  ${key}: some.act`,
    )
  })

  it('refuses names of routes that are not there, and an empty list', async () => {
    const words = await complaint({
      exempt: { 'PUT /v1/machine': 'gone' },
      actions: { 'GET /v1/machine': 'machine.list' },
    })
    expect(words).toBe('named, but no route that changes something:\n  GET /v1/machine\n  PUT /v1/machine')
    expect(await complaint({ routes: ROUTES.slice(0, 1) })).toMatch(/there is no route/)
  })

  it('reads the events of a trail', async () => {
    await using trail = await openTrail({ store: await openMemory() })
    await trail.recordAll(ALL.slice(0, 3))
    await expect(checkRouteCoverage({ routes: ROUTES, events: trail.events() })).rejects.toThrow(
      'BootService/Register',
    )
    await trail.record(REGISTER.action, REGISTER)
    await checkRouteCoverage({ routes: ROUTES, events: trail.events() })
  })
})
