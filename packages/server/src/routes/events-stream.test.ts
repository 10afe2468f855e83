import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { AuditEvent } from 'annals/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownListeners } from '../testing/own-listeners.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { parseMessages, SseClient } from '../testing/sse-client.ts'
import { until } from '../testing/until.ts'

type Parameters = Readonly<Record<string, string>>

function address(server: { readonly url: string }, parameters: Parameters): URL {
  const url = new URL('/v1/events/stream', server.url)
  url.search = new URLSearchParams(parameters).toString()
  return url
}

const indexes = (events: readonly AuditEvent[]): number[] => events.map(event => event.index)

describe('GET /v1/events/stream', () => {
  let server: TestServer
  let own: number
  const open = (parameters: Parameters, headers?: Record<string, string>): Promise<SseClient> =>
    SseClient.open(address(server, parameters), server.key, headers)
  /** What the library gives for the same question. */
  const replay = async (query: string, from = 0): Promise<AuditEvent[]> => {
    const found: AuditEvent[] = []
    for await (const event of server.trail.events(query, { seek: from })) found.push(event)
    return found
  }

  beforeAll(async () => {
    server = await serve({
      live: { heartbeatSeconds: 0.1, slowSeconds: 0.5 },
      cors: ['https://app.example'],
    })
    own = await ownListeners(server)
  })
  afterAll(() => server.close())

  it('replays, then goes on live; each event as the library gives it, with its position as id', async () => {
    const stored = await server.trail.record('basic.stored')
    await using client = await open({ query: 'topic:basic' }, { Origin: 'https://app.example' })
    const { headers } = client.response
    expect(headers.get('content-type')).toBe('text/event-stream')
    expect(headers.get('cache-control')).toBe('no-store, no-transform')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    const ready = JSON.parse((await client.named('ready')).data)
    expect(ready).toEqual({ watermark: server.trail.size, requestId: headers.get('x-request-id') })
    const first = await client.named('message')
    const live = await server.trail.record('basic.live')
    const second = await client.named('message')
    expect([first.id, second.id]).toEqual([String(stored.index), String(live.index)])
    expect([first, second].map(({ data }) => JSON.parse(data))).toEqual(await replay('topic:basic'))
  })

  it('P20: readers that begin at any moment under load see the same, once, none missing', async () => {
    const total = 400
    const recording = (async () => {
      for (let n = 0; n < total; n += 8)
        await Promise.all(Array.from({ length: 8 }, () => server.trail.record('switch.tick')))
    })()
    const clients = Array.from({ length: 12 }, async (_, nth) => {
      await delay(nth * 3)
      await using client = await open({ query: 'topic:switch', limit: String(total) })
      return await client.rest()
    })
    const seen = await Promise.all(clients)
    await recording
    const all = await replay('topic:switch')
    expect(all).toHaveLength(total)
    for (const { events, end } of seen) {
      expect(events).toEqual(all)
      expect(end).toEqual({ reason: 'limit', resume: (all.at(-1)?.index ?? 0) + 1 })
    }
  })

  it('shows what the scope shows, also live and masked', async () => {
    const token = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    await using client = await SseClient.open(address(server, { query: 'topic:scoped OR *' }), token)
    await client.named('ready')
    await server.trail.record('scoped.a', { tenant: 'umbra' })
    await server.trail.record('scoped.b', { tenant: 'acme' })
    await server.trail.record('scoped.c', { tenant: 'umbra' })
    await server.trail.record('scoped.d', { tenant: 'acme' })
    const events = await client.events(2)
    expect(events.map(event => event.action)).toEqual(['scoped.b', 'scoped.d'])
  })

  it('T44: resumes after Last-Event-ID, which goes before seek: cut anywhere under load, nothing is lost or doubled', async () => {
    let isDone = false
    const recording = (async () => {
      for (let n = 0; n < 600; n++) await server.trail.record(n % 2 === 0 ? 'resume.tick' : 'resumed')
      isDone = true
    })()
    const got: AuditEvent[] = []
    for (let turn = 1; !isDone || got.length < 300; turn++) {
      const last = got.at(-1)
      await using client = await open(
        { query: 'topic:resume', seek: '0' },
        last === undefined ? {} : { 'Last-Event-ID': String(last.index) },
      )
      const wanted = Math.min(1 + (turn % 17), 300 - got.length)
      got.push(...(await client.events(wanted)))
    }
    await recording
    expect(got).toEqual(await replay('topic:resume'))
    await until(() => server.trail.listeners === own)
  })

  it('P14 P21: seek and seekEnd by position, id and time; limits; ends that are met', async () => {
    const recorded = await server.trail.recordAll(
      Array.from({ length: 6 }, () => ({ action: 'bounds.tick' })),
    )
    const [first, , third, , fifth] = recorded as { id: string; index: number }[]
    const seen = async (parameters: Parameters): Promise<[number[], unknown]> => {
      await using client = await open({ query: 'topic:bounds', ...parameters })
      const { events, end } = await client.rest()
      return [indexes(events), end?.['reason']]
    }
    const at = (offset: number): number => (first?.index ?? 0) + offset
    const size = String(server.trail.size)
    expect(await seen({ seekEnd: size })).toEqual([[0, 1, 2, 3, 4, 5].map(at), 'seekEnd'])
    expect(await seen({ seek: third?.id ?? '', seekEnd: fifth?.id ?? '' })).toEqual([
      [2, 3].map(at),
      'seekEnd',
    ])
    expect(await seen({ seek: String(at(4)), limit: '2' })).toEqual([[4, 5].map(at), 'limit'])
    expect(await seen({ limit: '0' })).toEqual([[], 'limit'])
    expect(await seen({ seek: String(at(5)), seekEnd: String(at(2)) })).toEqual([[], 'seekEnd'])
    const past = new Date(Date.now() - 86_400_000).toISOString()
    expect(await seen({ seekEnd: past })).toEqual([[], 'seekEnd'])
    const ahead = new Date(Date.now() + 400).toISOString()
    expect(await seen({ seekEnd: ahead })).toEqual([[0, 1, 2, 3, 4, 5].map(at), 'seekEnd'])
  })

  it('P21: an end more than 24.8 days ahead is no end now', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error): void => void warnings.push(warning)
    process.on('warning', hear)
    const ahead = new Date(Date.now() + 60 * 86_400_000).toISOString()
    await using client = await open({ query: 'topic:far', seekEnd: ahead })
    await client.named('ready')
    await client.named('comment')
    const { index } = await server.trail.record('far.tick')
    expect(indexes(await client.events(1))).toEqual([index])
    process.off('warning', hear)
    expect(warnings).toEqual([])
  })

  it('P23: tells how far it has looked though nothing matches, so that nothing is looked at again', async () => {
    await using client = await open({ query: 'topic:silent' })
    await client.named('ready')
    await server.trail.record('loud.tick')
    const size = server.trail.size
    for (;;) {
      const { data } = await client.named('comment')
      const [word, watermark] = data.split(' ')
      expect(word).toBe('heartbeat')
      if (Number(watermark) >= size) break
    }
  })

  it('P22: a client that goes away frees its reader and its place', async () => {
    await until(() => server.trail.listeners === own)
    const clients = await Promise.all(Array.from({ length: 50 }, () => open({ query: 'topic:none' })))
    await Promise.all(clients.map(client => client.named('ready')))
    await until(() => server.trail.listeners === own + 50)
    for (const client of clients) client.close()
    await until(() => server.trail.listeners === own)
    expect(server.live.open).toBe(0)
  })

  it('T44 P23: a client that does not read is cut off, told where to go on, and goes on there', async () => {
    const text = 'x'.repeat(200_000)
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    // Without chunks, so that what comes is the stream itself.
    const path = `/v1/events/stream?query=topic:slow`
    socket.write(`GET ${path} HTTP/1.0\r\nAuthorization: Bearer ${server.key}\r\n\r\n`)
    await until(() => server.trail.listeners === own + 1)
    let recorded = 0
    while (server.trail.listeners > own) {
      await server.trail.record('slow.tick', { data: { text } })
      recorded++
    }
    const pieces: Buffer[] = []
    for await (const piece of socket) pieces.push(piece as Buffer)
    const answer = Buffer.concat(pieces).toString()
    const messages = parseMessages(answer.slice(answer.indexOf('\r\n\r\n') + 4))
    const got = messages.filter(({ event }) => event === 'message').map(({ data }) => JSON.parse(data))
    expect(got.length).toBeLessThan(recorded)
    const end = JSON.parse(messages.at(-1)?.data ?? '')
    const all = await replay('topic:slow')
    expect(end).toEqual({ reason: 'slow', resume: all[got.length]?.index })
    await using client = await open({ query: 'topic:slow' }, { 'Last-Event-ID': String(end.resume - 1) })
    got.push(...(await client.events(recorded - got.length)))
    expect(got).toEqual(all)
  })

  it('shows the events of the log itself when asked, and records that it was read once', async () => {
    const before = await replay('action:log.access')
    await using client = await open({ query: 'action:log.access', includeLog: 'true' })
    await using again = await open({ query: 'action:log.access' })
    await again.named('ready')
    const events = await client.events(before.length + 1)
    expect(events.at(-1)).toMatchObject({ data: { kind: 'stream', query: 'action:log.access' } })
    expect(await replay('action:log.access')).toEqual(events)
  })

  it('refuses before it begins: mistakes, tokens, permissions', async () => {
    const refusal = async (
      parameters: Parameters,
      headers: Record<string, string> = {},
    ): Promise<unknown> => {
      const answer = await server.ask(address(server, parameters).href, { headers })
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      return await answer.json()
    }
    expect(await refusal({ query: 'outcom:success' })).toMatchObject({ status: 400, position: [0, 6] })
    expect(await refusal({ query: 'after:nonsense' })).toMatchObject({ status: 400, code: 'ANNALS_QUERY' })
    expect(await refusal({ seek: 'zz' })).toMatchObject({ status: 400, path: 'seek' })
    const absent = '0192f0c1-7c1e-7a52-9d0c-3b1f0e8a4d11'
    expect(await refusal({ seek: absent })).toMatchObject({ status: 404, code: 'ANNALS_NOT_FOUND' })
    expect(await refusal({ limit: '-1' })).toMatchObject({ status: 400, path: 'limit' })
    expect(await refusal({ order: 'desc' })).toMatchObject({ status: 400, path: 'order' })
    expect(await refusal({}, { 'Last-Event-ID': 'x1' })).toMatchObject({ status: 400, path: 'Last-Event-ID' })
    const recorder = await server.token({ role: 'recorder' })
    const url = address(server, {}).href
    expect((await server.ask(url, { token: recorder })).status).toBe(403)
    expect((await server.ask(url, { token: null })).status).toBe(401)
    const head = await server.ask(url, { method: 'HEAD' })
    expect(head.status).toBeGreaterThanOrEqual(400)
    expect(server.live.open).toBe(0)
  })
})
