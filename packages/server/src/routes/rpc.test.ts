import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownListeners } from '../testing/own-listeners.ts'
import { RpcClient } from '../testing/rpc-client.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { until } from '../testing/until.ts'

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
