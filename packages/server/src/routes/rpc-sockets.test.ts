import { describe, expect, it } from 'vitest'
import { ownListeners } from '../testing/own-listeners.ts'
import { RpcClient } from '../testing/rpc-client.ts'
import { serve } from '../testing/serve.ts'
import { until } from '../testing/until.ts'

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
