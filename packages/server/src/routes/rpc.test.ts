import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { catalog, defineEvent, type Found, openTrail } from 'annals'
import type { AuditEvent } from 'annals/model'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../start-server.ts'
import { ownListeners } from '../testing/own-listeners.ts'
import { RpcClient, type RpcMessage } from '../testing/rpc-client.ts'
import { serve, type TestServer } from '../testing/serve.ts'

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5)
}

/** The cursors that a page has; each holds the size of the log. */
function cursorsOf({ next, previous }: Found): object {
  return {
    ...(next === undefined ? {} : { next: expect.any(String) }),
    ...(previous === undefined ? {} : { previous: expect.any(String) }),
  }
}

const actions = (events: readonly AuditEvent[]): string[] => events.map(event => event.action)

describe('/v1/rpc', () => {
  let server: TestServer
  let client: RpcClient
  let own: number
  beforeAll(async () => {
    server = await serve({
      live: { heartbeatSeconds: 0.1, slowSeconds: 0.5, message: 10_000, subscriptions: 20 },
      cors: ['https://audit.example'],
    })
    own = await ownListeners(server)
    client = await RpcClient.open(server.url, server.key)
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await server.close()
  })

  describe('the socket', () => {
    it('is opened with the token in the header, or among the protocols', async () => {
      expect(await client.call('rpc.ping')).toEqual({ watermark: server.trail.size })
      await using page = await RpcClient.open(server.url, null, {
        protocols: ['annals.v1', `bearer.${server.key}`],
      })
      expect(page.socket.protocol).toBe('annals.v1')
      expect(await page.call('rpc.ping', {})).toEqual({ watermark: server.trail.size })
    })

    it('is refused without a token, to pages of foreign origins, and to what is no WebSocket', async () => {
      const refused = (token: string | null, headers = {}, protocols: string[] = []): Promise<unknown> =>
        RpcClient.open(server.url, token, { headers, protocols }).then(
          async opened => {
            await opened[Symbol.asyncDispose]()
            return 'opened'
          },
          error => error.message,
        )
      expect(await refused(null)).toBe('status 401')
      expect(await refused(`${server.key}x`)).toBe('status 401')
      expect(await refused(null, {}, [`bearer.${server.key}`])).toBe('status 401')
      expect(await refused(server.key, { Origin: 'https://evil.example' })).toBe('status 403')
      expect(await refused(server.key, { Origin: 'null' })).toBe('status 403')
      expect(await refused(server.key, { Origin: 'https://audit.example' })).toBe('opened')
      expect(await refused(server.key, { Origin: server.url })).toBe('opened')
      const plain = await server.ask('/v1/rpc')
      expect([plain.status, plain.headers.get('upgrade')]).toEqual([426, 'websocket'])
      expect((await server.ask(`/v1/rpc?token=${server.key}`, { token: null })).status).toBe(401)
    })

    it('of another path or protocol is answered as HTTP, and closed', async () => {
      const answer = async (path: string, method: string, upgrade: string): Promise<unknown> => {
        const asked = request(new URL(path, server.url), {
          method,
          headers: { Upgrade: upgrade, Connection: 'Upgrade', Authorization: `Bearer ${server.key}` },
        })
        asked.end()
        const [response] = await once(asked, 'response')
        response.resume()
        await once(response, 'close')
        return response.statusCode
      }
      expect(await answer('/healthz', 'GET', 'h2c')).toBe(200)
      expect(await answer('/v1/nowhere', 'GET', 'websocket')).toBe(404)
      expect(await answer('/v1/events', 'POST', 'h2c')).toBe(400)
      expect(await answer('/v1/rpc', 'GET', 'h2c')).toBe(426)
      // What asks for a WebSocket and then does not speak it.
      expect(await answer('/v1/rpc', 'GET', 'websocket')).toBe(400)
      await until(() => server.live.open === 1)
    })
  })

  describe('events', () => {
    it('P34: answers what the library answers', async () => {
      await server.trail.recordAll(
        Array.from({ length: 30 }, (_, n) => ({
          action: n % 2 === 0 ? 'same.even' : 'same.odd',
          actor: { type: 'user', id: `u${n % 3}` },
        })),
      )
      for (const options of [
        {},
        { order: 'desc' },
        { limit: 7 },
        { query: 'topic:same actor:u1', order: 'desc', limit: 3 },
        { query: 'topic:same', limit: 0 },
      ] as const) {
        const { query = '', ...more } = options
        const found = await server.trail.find(query, { order: 'asc', ...more })
        const answer = await client.call('events.get', options)
        // The first question of its kind is recorded: the log is one longer.
        const { asOf, watermark, requestId, ...content } = answer
        expect(content).toEqual({
          events: found.events,
          ...cursorsOf(found),
          gaps: [],
        })
        expect([watermark, requestId]).toEqual([asOf, expect.any(String)])
      }
      const first = await client.call('events.get', { query: 'topic:same', limit: 20 })
      const rest = await client.call('events.get', { query: 'topic:same', limit: 20, cursor: first['next'] })
      const walked = [...(first['events'] as AuditEvent[]), ...(rest['events'] as AuditEvent[])]
      expect(walked).toEqual((await server.trail.find('topic:same', { order: 'asc' })).events)
      const { id } = walked[4] as AuditEvent
      const bounded = await client.call('events.get', {
        query: 'topic:same',
        seek: id,
        seekEnd: walked[9]?.index,
      })
      expect(bounded['events']).toEqual(walked.slice(4, 9))
    })

    it('P20: subscribes to what is stored, then to what comes, none twice and none missing', async () => {
      const recording = (async () => {
        for (let n = 0; n < 200; n += 5)
          await Promise.all(Array.from({ length: 5 }, () => server.trail.record('live.tick')))
      })()
      const seen = await Promise.all(
        Array.from({ length: 8 }, async (_, nth) => {
          await delay(nth * 4)
          const { subscription } = await client.call('events.subscribe', { paths: ['live'], limit: 200 })
          return await client.rest(subscription)
        }),
      )
      await recording
      const all = await server.trail.find('topic:live', { order: 'asc', limit: 1_000 })
      for (const { events, end } of seen) {
        expect(events).toEqual(all.events)
        expect(end).toMatchObject({ reason: 'limit', resume: (all.events.at(-1)?.index ?? 0) + 1 })
      }
    })

    it('P33: cancelling ends a live and a finished stream at once, frees the reader, and nothing follows', async () => {
      const before = server.trail.listeners
      const { subscription } = await client.call('events.subscribe', { query: 'topic:cancel' })
      expect(server.trail.listeners).toBe(before + 1)
      const cancelled = await client.call('events.unsubscribe', { subscription })
      expect(server.trail.listeners).toBe(before)
      expect(cancelled).toMatchObject({ ended: true })
      const { index } = await server.trail.record('cancel.tick')
      const again = await client.call('events.subscribe', {
        query: 'topic:cancel',
        seek: cancelled['resume'],
      })
      expect((await client.events(again['subscription'], 1))[0]?.index).toBe(index)
      await client.call('events.unsubscribe', { subscription: again['subscription'] })
      const finished = await client.call('events.subscribe', { query: 'topic:cancel', limit: 1 })
      expect(await client.rest(finished['subscription'])).toMatchObject({ end: { reason: 'limit' } })
      const { subscription: name } = finished
      expect(await client.call('events.unsubscribe', { subscription: name })).toEqual({ ended: false })
      expect(await client.call('events.unsubscribe', { subscription: 's999' })).toEqual({ ended: false })
      expect(client.notifications).toEqual([])
    })

    it('without follow, gives what is stored in either order, and ends', async () => {
      await server.trail.recordAll(Array.from({ length: 5 }, () => ({ action: 'stored.tick' })))
      const all = (await server.trail.find('topic:stored', { order: 'asc' })).events
      const seen = async (options: object): Promise<unknown> => {
        const { subscription } = await client.call('events.subscribe', { query: 'topic:stored', ...options })
        const { events, end } = await client.rest(subscription)
        return [events, end?.['reason']]
      }
      expect(await seen({ follow: false })).toEqual([all, 'end'])
      expect(await seen({ follow: false, order: 'desc' })).toEqual([all.toReversed(), 'end'])
      expect(await seen({ follow: false, order: 'desc', limit: 2 })).toEqual([
        all.toReversed().slice(0, 2),
        'limit',
      ])
      expect(await seen({ seekEnd: all[2]?.id })).toEqual([all.slice(0, 2), 'seekEnd'])
      expect(await seen({ seekEnd: new Date(Date.now() + 300).toISOString() })).toEqual([all, 'seekEnd'])
      await expect(client.call('events.subscribe', { order: 'desc' })).rejects.toMatchObject({
        code: -32000,
        data: { code: 'ANNALS_INVALID', path: '/order' },
      })
    })
  })

  describe('topic paths', () => {
    const got = async (paths: unknown, more: object = {}): Promise<string[]> => {
      const answer = await client.call('events.get', { paths, query: 'tag.test:paths', ...more })
      return actions(answer['events'] as AuditEvent[])
    }
    const NAMES = ['a', 'a.b', 'a.b.c', 'a.bc', 'a.bc.d', 'b', 'constructor', '__proto__.x']
    beforeAll(async () => {
      for (const action of [...NAMES, ...NAMES])
        await server.trail.record(action, { tags: { test: 'paths' } })
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
      const { subscription } = await client.call('events.subscribe', {
        paths: ['b', 'constructor'],
        query: 'tag.test:paths',
        limit: 3,
      })
      const { events, end } = await client.rest(subscription)
      expect([actions(events), end?.['reason']]).toEqual([['b', 'constructor', 'b'], 'limit'])
    })

    it('P26: an event of one path is delivered though the others are silent', async () => {
      const { subscription } = await client.call('events.subscribe', {
        paths: ['silent.one', 'silent.two', 'loud'],
        seek: server.trail.size,
      })
      await server.trail.record('loud.tick')
      expect(actions(await client.events(subscription, 1))).toEqual(['loud.tick'])
      await client.call('events.unsubscribe', { subscription })
    })

    it('P28: any union of them is the sorted set union', async () => {
      const all = (await server.trail.find('tag.test:paths', { order: 'asc' })).events
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
        client.call('events.get', { paths }).catch(({ code, data }) => [code, data.path])
      expect(await refusal([])).toEqual([-32602, '/paths'])
      expect(await refusal(['a', 'a..b'])).toEqual([-32000, '/paths/1'])
      expect(await refusal([['a.b']])).toEqual([-32000, '/paths/0'])
      expect(await refusal([''])).toEqual([-32000, '/paths/0'])
      expect(await refusal([['a', 'b*']])).toEqual([-32000, '/paths/0'])
      expect(await refusal(['a OR tenant:x'])).toEqual([-32000, '/paths/0'])
    })

    it('shows the events of the log itself where a path asks for them, also beside everything', async () => {
      const some = actions(
        (await client.call('events.get', { paths: [[], 'log.open'] }))['events'] as AuditEvent[],
      )
      expect(some).toContain('log.open')
      expect(some.filter(action => action.startsWith('log.')).every(action => action === 'log.open')).toBe(
        true,
      )
      expect(some.length).toBe(50)
      const own = actions((await client.call('events.get', { paths: ['log'] }))['events'] as AuditEvent[])
      expect(own.length).toBeGreaterThan(0)
      expect(own.every(action => action.startsWith('log.'))).toBe(true)
    })
  })

  describe('metrics', () => {
    it('P31: answers, and replays the state on opening, then updates', async () => {
      await server.trail.record('counted.tick')
      const direct = await server.trail.metric('operations', { topic: 'counted' })
      expect(await client.call('metrics.get', { metric: 'operations', topic: 'counted' })).toMatchObject({
        metric: 'operations',
        value: direct.value,
      })
      const { subscription } = await client.call('metrics.subscribe', {
        metric: 'operations',
        topic: 'counted',
        everyMs: 50,
      })
      const totals: unknown[] = []
      for (let n = 1; n <= 3; n++) {
        const { method, params } = (await client.notification(subscription)) as RpcMessage
        expect(method).toBe('metrics.value')
        totals.push(params?.['value'])
        await server.trail.record('counted.tick')
      }
      expect(totals).toMatchObject([{ total: 1 }, { total: 2 }, { total: 3 }])
      expect(await client.call('metrics.unsubscribe', { subscription })).toEqual({ ended: true })
      expect(await client.call('metrics.unsubscribe', { subscription })).toEqual({ ended: false })
    })

    it('P32: refuses what is none, and readers of a part of a tenant', async () => {
      const refusal = (params: object, by = client): Promise<unknown> =>
        by.call('metrics.get', params).catch(({ code, data }) => [code, data.code, data.path])
      expect(await refusal({ metric: 'constructor' })).toEqual([-32000, 'ANNALS_INVALID', '/metric'])
      expect(await refusal({ metric: 'rate', last: -1 })).toEqual([-32000, 'ANNALS_INVALID', '/last'])
      expect(await refusal({ metric: 'rate', from: 'now' })).toEqual([-32602, 'ANNALS_INVALID', '/from'])
      expect(await refusal({ metric: 'rate', unknown: 1 })).toEqual([-32000, 'ANNALS_INVALID', '/unknown'])
      const user = { role: 'user', subject: { type: 'user', id: 'u1' } } as const
      await using one = await RpcClient.open(server.url, await server.token(user))
      expect(await refusal({ metric: 'rate' }, one)).toEqual([-32000, 'ANNALS_DENIED', undefined])
      await expect(one.call('metrics.subscribe', { metric: 'rate' })).rejects.toMatchObject({ code: -32000 })
      const admin = { role: 'tenant-admin', tenant: 'acme' } as const
      await using tenant = await RpcClient.open(server.url, await server.token(admin))
      await server.trail.record('counted.acme', { tenant: 'acme' })
      expect(await tenant.call('metrics.get', { metric: 'operations' })).toMatchObject({
        value: { total: 1 },
      })
    })
  })

  describe('errors', () => {
    const answerTo = async (message: unknown): Promise<unknown> => {
      client.send(message)
      return await client.answer()
    }
    const error = (code: number, id: unknown = null): unknown =>
      expect.objectContaining({ jsonrpc: '2.0', id, error: expect.objectContaining({ code }) })

    it('P35: malformed JSON, requests that are none, methods that are not there, parameters that do not fit', async () => {
      expect(await answerTo('{"jsonrpc":')).toEqual(error(-32700))
      expect(await answerTo('null')).toEqual(error(-32600))
      expect(await answerTo({ id: 'x', method: 'rpc.ping' })).toEqual(error(-32600))
      expect(await answerTo({ jsonrpc: '2.0', id: {}, method: 'rpc.ping' })).toEqual(error(-32600))
      expect(await answerTo({ jsonrpc: '2.0', id: 'x', method: 'toString' })).toEqual(error(-32601, 'x'))
      expect(await answerTo({ jsonrpc: '2.0', id: 1.5, method: 'rpc.ping', params: [] })).toEqual(
        error(-32602, 1.5),
      )
      expect(
        await answerTo({ jsonrpc: '2.0', id: null, method: 'rpc.ping', params: { a: 1 } }),
      ).toMatchObject({
        id: null,
        error: { code: -32602, data: { code: 'ANNALS_INVALID', path: '/a' } },
      })
      expect(
        await answerTo({ jsonrpc: '2.0', id: 'x', method: 'events.get', params: { limit: 1_001 } }),
      ).toMatchObject({
        error: { code: -32602, data: { path: '/limit' } },
      })
    })

    it('P34: carry a stable code, a place and a hint, and no stack', async () => {
      const refused = await client.call('events.get', { query: 'outcom:success' }).catch(thrown => thrown)
      expect(refused).toMatchObject({
        code: -32000,
        data: { code: 'ANNALS_QUERY', position: [0, 6], retryable: false, hint: expect.any(String) },
      })
      const missing = { seek: '0192f0c1-7c1e-7a52-9d0c-3b1f0e8a4d11' }
      await expect(client.call('events.subscribe', missing)).rejects.toMatchObject({
        data: { code: 'ANNALS_NOT_FOUND' },
      })
      await expect(client.call('events.get', { cursor: 'x' })).rejects.toMatchObject({
        data: { code: 'ANNALS_CURSOR' },
      })
      expect(JSON.stringify(refused.data)).not.toMatch(/\bat .*\.ts|stack|node_modules/)
      expect(server.live.open).toBe(1)
    })

    it('answers a batch in its order, and what nobody waits for not at all', async () => {
      const ping = { jsonrpc: '2.0', method: 'rpc.ping' }
      expect(await answerTo([{ ...ping, id: 'a' }, ping, 7, { ...ping, id: 'b' }])).toMatchObject([
        { id: 'a', result: {} },
        { id: null, error: { code: -32600 } },
        { id: 'b', result: {} },
      ])
      client.send([ping, ping])
      client.send({ ...ping, params: { wrong: 1 } })
      expect(await answerTo([])).toEqual(error(-32600))
      expect(await answerTo(Array.from({ length: 101 }, (_, id) => ({ ...ping, id })))).toEqual(error(-32600))
      const opened = (await answerTo([
        { jsonrpc: '2.0', id: 'one', method: 'events.subscribe', params: { query: 'topic:batch', limit: 1 } },
        { ...ping, id: 'two' },
      ])) as { result: { subscription: string } }[]
      await server.trail.record('batch.tick')
      expect(await client.rest(opened[0]?.result.subscription)).toMatchObject({ end: { reason: 'limit' } })
    })

    it('bounds subscriptions, and what a key without the permission may do', async () => {
      await using other = await RpcClient.open(server.url, server.key)
      const opening = Array.from({ length: 25 }, () =>
        other.call('events.subscribe', { query: 'topic:many' }),
      )
      const settled = await Promise.allSettled(opening)
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
      expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: -32000, data: { code: 'ANNALS_RATE_LIMITED', retryable: true } },
      })
      await using recorder = await RpcClient.open(server.url, await server.token({ role: 'recorder' }))
      for (const method of ['events.get', 'events.subscribe', 'metrics.get', 'metrics.subscribe'])
        await expect(recorder.call(method, { metric: 'rate' })).rejects.toMatchObject({
          data: { code: expect.stringMatching(/DENIED|INVALID/) },
        })
      await expect(recorder.call('events.get')).rejects.toMatchObject({ data: { code: 'ANNALS_DENIED' } })
    })

    it('P35: an over-long message, bytes, and a client that goes away end the socket and free its readers', async () => {
      await using long = await RpcClient.open(server.url, server.key)
      await long.call('events.subscribe', {})
      long.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(10_000) }))
      expect((await long.closed)[0]).toBe(1009)
      await using bytes = await RpcClient.open(server.url, server.key)
      bytes.socket.send(Buffer.from('{}'))
      expect((await bytes.closed)[0]).toBe(1003)
      await using gone = await RpcClient.open(server.url, server.key)
      await gone.call('events.subscribe', {})
      gone.socket.terminate()
      await until(() => server.trail.listeners === own && server.live.open === 1)
    })
  })
})

describe('sockets of a server', () => {
  it('T44 P23: a client that does not read is cut off with its positions, and goes on there', async () => {
    await using server = await serve({ live: { slowSeconds: 0.5 } })
    const own = await ownListeners(server)
    await using client = await RpcClient.open(server.url, server.key)
    await using slow = await RpcClient.open(server.url, server.key)
    const { subscription } = await slow.call('events.subscribe', { query: 'topic:slow' })
    slow.socket.pause()
    const data = { text: 'x'.repeat(200_000) }
    let recorded = 0
    while (server.trail.listeners > own) {
      await server.trail.record('slow.tick', { data })
      recorded++
    }
    slow.socket.resume()
    const { events, end } = await slow.rest(subscription)
    expect(await slow.closed).toEqual([1013, 'slow'])
    expect(events.length).toBeLessThan(recorded)
    expect(end).toMatchObject({ reason: 'slow' })
    const next = await client.call('events.subscribe', { query: 'topic:slow', seek: end?.['resume'] })
    const rest = await client.events(next['subscription'], recorded - events.length)
    await client.call('events.unsubscribe', { subscription: next['subscription'] })
    const all = (await server.trail.find('topic:slow', { order: 'asc', limit: 1_000 })).events
    expect([...events, ...rest].map(event => event.index)).toEqual(all.map(event => event.index))
  })

  it('are closed when they are idle, and when they give no sign of life', async () => {
    await using server = await serve({ live: { heartbeatSeconds: 0.05, idleSeconds: 0.1 } })
    const own = await ownListeners(server)
    await using idle = await RpcClient.open(server.url, server.key)
    expect(await idle.closed).toEqual([1000, 'idle'])
    await using dead = await RpcClient.open(server.url, server.key, { autoPong: false })
    await dead.call('events.subscribe', {})
    expect((await dead.closed)[0]).toBe(1006)
    await until(() => server.live.open === 0 && server.trail.listeners === own)
  })

  it('P2 P4 P35: say so when the server stops, or the credential ends, and where to go on', async () => {
    await using server = await serve()
    const expiresAt = new Date(Date.now() + 1_500).toISOString()
    await using expiring = await RpcClient.open(
      server.url,
      await server.token({ role: 'auditor', expiresAt }),
    )
    const first = await expiring.call('events.subscribe')
    expect((await expiring.rest(first['subscription'])).end).toMatchObject({ reason: 'expired' })
    expect(await expiring.closed).toEqual([1008, 'expired'])
    await using client = await RpcClient.open(server.url, server.key)
    const events = await client.call('events.subscribe', { seek: server.trail.size })
    const metrics = await client.call('metrics.subscribe', { metric: 'rate' })
    await client.notification(metrics['subscription'])
    const { index } = await server.trail.record('stop.tick')
    await client.events(events['subscription'], 1)
    const closing = server.close()
    expect((await client.rest(events['subscription'])).end).toEqual({
      ...events,
      watermark: undefined,
      reason: 'stopping',
      resume: (index as number) + 1,
    })
    await closing
    expect(await client.closed).toEqual([1001, 'stopping'])
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

  it('count calls for the credential, over all of its sockets', async () => {
    await using server = await serve({ limits: { rate: 6 } })
    await using first = await RpcClient.open(server.url, server.key)
    await using second = await RpcClient.open(server.url, server.key)
    for (let n = 0; n < 3; n++) {
      await first.call('rpc.ping')
      await second.call('rpc.ping')
    }
    await expect(first.call('rpc.ping')).rejects.toMatchObject({
      code: -32000,
      data: { code: 'ANNALS_RATE_LIMITED', retryable: true },
    })
  })
})
