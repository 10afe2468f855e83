import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AuditEvent } from 'annals/model'
import { describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../start-server.ts'
import { ownListeners } from '../testing/own-listeners.ts'
import { serve } from '../testing/serve.ts'
import { SseClient } from '../testing/sse-client.ts'
import { until } from '../testing/until.ts'

type Parameters = Readonly<Record<string, string>>

function address(server: { readonly url: string }, parameters: Parameters): URL {
  const url = new URL('/v1/events/stream', server.url)
  url.search = new URLSearchParams(parameters).toString()
  return url
}

describe('live streams of a server', () => {
  it('are bounded for a credential and for the server', async () => {
    await using server = await serve({ limits: { streams: 2 }, live: { most: 3 } })
    const other = await server.token({ role: 'auditor' })
    const url = address(server, {})
    await using first = await SseClient.open(url, server.key)
    await using _second = await SseClient.open(url, server.key)
    const third = await server.ask(url.href)
    expect([third.status, await third.json()]).toMatchObject([429, { code: 'ANNALS_RATE_LIMITED' }])
    await using _fourth = await SseClient.open(url, other)
    expect((await server.ask(url.href, { token: other })).status).toBe(503)
    first.close()
    await until(() => server.live.open === 2)
    await using again = await SseClient.open(url, server.key)
    expect(again.response.status).toBe(200)
  })

  it('end with the credential that they were opened with', async () => {
    await using server = await serve()
    const own = await ownListeners(server)
    const expiresAt = new Date(Date.now() + 700).toISOString()
    const expiring = await server.token({ role: 'auditor', expiresAt })
    await using client = await SseClient.open(address(server, {}), expiring)
    const { end } = await client.rest()
    expect(end).toMatchObject({ reason: 'expired' })
    const { key, token } = await server.keys.create({ name: 'gone', role: 'operator' })
    await using revoked = await SseClient.open(address(server, {}), token)
    await revoked.named('ready')
    expect((await server.ask(`/v1/tokens/${key.id}`, { method: 'DELETE' })).ok).toBe(true)
    expect((await revoked.rest()).end).toMatchObject({ reason: 'revoked' })
    expect(server.trail.listeners).toBe(own)
  })

  it('P2 P4 T44: end when the server stops, and go on at the next one: nothing is lost, nothing comes twice', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'annals-live-'))
    let server: RunningServer | undefined
    let key = ''
    const start = async (): Promise<RunningServer> => {
      server = await startServer({ dir, port: 0, log: { level: 'silent' } })
      key ||= server.key as string
      return server
    }
    try {
      await start()
      let isDone = false
      const acknowledged: number[] = []
      const recording = (async () => {
        for (let n = 0; n < 150; n++) {
          for (;;) {
            try {
              const { index } = await (server as RunningServer).trail.record('restart.tick', { id: idOf(n) })
              acknowledged.push(index as number)
              break
            } catch {
              await delay(20)
            }
          }
        }
        isDone = true
      })()
      const got: AuditEvent[] = []
      const ends: unknown[] = []
      const following = (async () => {
        while (got.length < 150) {
          const last = got.at(-1)
          const headers: Record<string, string> =
            last === undefined ? {} : { 'Last-Event-ID': String(last.index) }
          const running = server as RunningServer
          const client = await SseClient.open(
            address(running, { query: 'topic:restart', limit: String(150 - got.length) }),
            key,
            headers,
          ).catch(() => undefined)
          if (client === undefined || !client.response.ok) {
            await delay(20)
            continue
          }
          const { events, end } = await client.rest()
          got.push(...events)
          ends.push(end?.['reason'])
        }
      })()
      for (let restart = 0; restart < 3; restart++) {
        const seen = got.length
        await until(() => got.length > seen || isDone || acknowledged.length > 40 * (restart + 1))
        await (server as RunningServer).close()
        await start()
      }
      await recording
      await following
      expect(got.map(event => event.index)).toEqual(acknowledged)
      expect(ends.at(-1)).toBe('limit')
      expect(new Set(ends.slice(0, -1))).toEqual(new Set(['stopping']))
    } finally {
      await server?.close()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

/** An id of its own for each draft, so that one that is recorded again is recorded once. */
function idOf(nth: number): string {
  return `0192f0c1-7c1e-7a52-9d0c-${nth.toString(16).padStart(12, '0')}`
}
