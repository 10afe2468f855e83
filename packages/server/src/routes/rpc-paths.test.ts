import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalog, defineEvent, openTrail } from 'annals'
import type { AuditEvent } from 'annals/model'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../start-server.ts'
import { RpcClient } from '../testing/rpc-client.ts'
import { serveRpc } from '../testing/serve-rpc.ts'

const actions = (events: readonly AuditEvent[]): string[] => events.map(event => event.action)

describe('topic paths', () => {
  const served = serveRpc()

  const got = async (paths: unknown, more: object = {}): Promise<string[]> => {
    const answer = await served.client.call('events.get', { paths, query: 'tag.test:paths', ...more })
    return actions(answer['events'] as AuditEvent[])
  }
  const NAMES = ['a', 'a.b', 'a.b.c', 'a.bc', 'a.bc.d', 'b', 'constructor', '__proto__.x']
  beforeAll(async () => {
    for (const action of [...NAMES, ...NAMES])
      await served.server.trail.record(action, { tags: { test: 'paths' } })
  })

  it('P13 P24 P27: hold what lies below them, once, in order; [] holds everything', async () => {
    expect(await got(['a.b'])).toEqual(['a.b', 'a.b.c', 'a.b', 'a.b.c'])
    expect(await got([['a', 'b'], 'a.b.c', 'a.b'])).toEqual(['a.b', 'a.b.c', 'a.b', 'a.b.c'])
    expect(await got([[]])).toEqual([...NAMES, ...NAMES])
    expect(await got([[], 'a'], { order: 'desc' })).toEqual([...NAMES, ...NAMES].toReversed())
    expect(await got(['constructor', ['__proto__']])).toEqual([
      'constructor',
      '__proto__.x',
      'constructor',
      '__proto__.x',
    ])
    expect(await got(['absent'])).toEqual([])
  })

  it('P25: the limit is of all of them together', async () => {
    expect(await got(['a.b', 'b'], { limit: 2 })).toEqual(['a.b', 'a.b.c'])
    const { subscription } = await served.client.call('events.subscribe', {
      paths: ['b', 'constructor'],
      query: 'tag.test:paths',
      limit: 3,
    })
    const { events, end } = await served.client.rest(subscription)
    expect([actions(events), end?.['reason']]).toEqual([['b', 'constructor', 'b'], 'limit'])
  })

  it('P26: an event of one path is delivered though the others are silent', async () => {
    const { subscription } = await served.client.call('events.subscribe', {
      paths: ['silent.one', 'silent.two', 'loud'],
      seek: served.server.trail.size,
    })
    await served.server.trail.record('loud.tick')
    expect(actions(await served.client.events(subscription, 1))).toEqual(['loud.tick'])
    await served.client.call('events.unsubscribe', { subscription })
  })

  it('P28: any union of them is the sorted set union', async () => {
    const all = (await served.server.trail.find('tag.test:paths', { order: 'asc' })).events
    const paths = fc.subarray([[], ...NAMES.map(name => name.split('.'))], { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 0, max: 20 }),
        async (some, order, limit) => {
          const within = (action: string): boolean =>
            some.some(path => path.every((segment, nth) => action.split('.')[nth] === segment))
          const expected = all.filter(event => within(event.action))
          if (order === 'desc') expected.reverse()
          expect(await got(some, { order, limit })).toEqual(actions(expected.slice(0, limit)))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('P27 P19: none, and what is no path, are errors with their place', async () => {
    const refusal = (paths: unknown): Promise<unknown> =>
      served.client.call('events.get', { paths }).catch(({ code, data }) => [code, data.path])
    expect(await refusal([])).toEqual([-32602, '/paths'])
    expect(await refusal(['a', 'a..b'])).toEqual([-32000, '/paths/1'])
    expect(await refusal([['a.b']])).toEqual([-32000, '/paths/0'])
    expect(await refusal([''])).toEqual([-32000, '/paths/0'])
    expect(await refusal([['a', 'b*']])).toEqual([-32000, '/paths/0'])
    expect(await refusal(['a OR tenant:x'])).toEqual([-32000, '/paths/0'])
  })

  it('shows the events of the log itself where a path asks for them, also beside everything', async () => {
    const some = await served.client.call('events.get', { paths: [[], 'log.open'] })
    const others = (await served.server.trail.find('', { order: 'asc' })).events
    expect(actions(some['events'] as AuditEvent[])).toEqual(['log.open', ...actions(others)])
    const own = actions(
      (await served.client.call('events.get', { paths: ['log'] }))['events'] as AuditEvent[],
    )
    expect(own.length).toBeGreaterThan(0)
    expect(own.every(action => action.startsWith('log.'))).toBe(true)
  })

  it('P18: with a closed catalog an unknown topic is an error, also to those who may not know it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'annals-rpc-'))
    const types = catalog(
      defineEvent('machine.start'),
      defineEvent('machine.probe', { visibility: 'operator' }),
      defineEvent('disk.swap', { topics: ['hardware.disk'] }),
    )
    const trail = await openTrail({ dir, catalog: types })
    await trail.record('machine.start', { topics: ['region.eu'] })
    await trail.close()
    const server = await startServer({ dir, port: 0, log: { level: 'silent' } })
    try {
      await using client = await RpcClient.open(server.url, server.key as string)
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
      const { token } = await server.keys.create({ name: 'auditor', role: 'auditor', expiresAt })
      await using auditor = await RpcClient.open(server.url, token)
      const known = (path: string, by: RpcClient): Promise<unknown> =>
        by.call('events.get', { paths: [path] }).then(
          () => true,
          ({ data }) => (data.code === 'ANNALS_INVALID' && data.path === '/paths/0' ? false : data),
        )
      for (const path of ['machine', 'machine.start', 'hardware', 'disk', 'region', 'region.eu'])
        expect(await known(path, client), path).toBe(true)
      for (const path of ['machines', 'machine.stop', 'constructor', '__proto__', 'region.us'])
        expect(await known(path, client), path).toBe(false)
      expect([await known('log', client), await known('machine.probe', client)]).toEqual([true, true])
      expect([await known('machine', auditor), await known('machine.probe', auditor)]).toEqual([true, false])
      await expect(client.call('events.subscribe', { paths: ['nothing'] })).rejects.toMatchObject({
        data: { path: '/paths/0' },
      })
    } finally {
      await server.close()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
