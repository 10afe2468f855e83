import { expect, it } from 'vitest'
import { serve } from '../testing/serve.ts'

interface Status {
  readonly status: string
  readonly stages: Readonly<Record<string, { readonly health: string }>>
  readonly log: { readonly size: number; readonly holds: number; readonly chunks: object }
  readonly keys: number
  readonly streams: number
  readonly runs: Readonly<Record<string, object>>
}

it('status tells those who operate how the log is, and nothing of an event', async () => {
  await using server = await serve({ archive: { to: 'dir:/nowhere/archive' } })
  await server.trail.record('door.open', { actor: { type: 'user', id: 'canary' }, tenant: 'canary' })
  const token = await server.token({ role: 'operator' })
  const status = (await (await server.ask('/v1/status', { token })).json()) as Status
  expect(status).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    log: { holds: 0, gaps: 0, chunks: { open: 1 } },
    streams: 0,
    keys: 2,
    disk: { free: expect.any(Number) },
    runs: {
      retention: { running: false, next: expect.stringMatching(/T02:00:00\.000Z$/) },
      archive: { running: false },
    },
  })
  expect(Object.keys(status.stages)).toEqual([
    'recording',
    'checkpoints',
    'index',
    'disk',
    'retention',
    'archive',
  ])
  expect(status.stages['recording']).toEqual({ health: 'healthy' })
  expect(status.log.size).toBeGreaterThan(1)
  expect(JSON.stringify(status)).not.toMatch(/canary|nowhere/)
  const auditor = await server.token({ role: 'auditor' })
  expect((await server.ask('/v1/status', { token: auditor })).status).toBe(403)
  expect((await server.ask('/v1/status', { token: null })).status).toBe(401)
})

it('a schedule that is off is not there', async () => {
  await using server = await serve({ retention: { schedule: 'off' } })
  expect(((await (await server.ask('/v1/status')).json()) as Status).runs).toEqual({})
})

it('ready says whether the store takes writes, to everyone', async () => {
  await using server = await serve()
  const ready = await server.ask('/readyz', { token: null })
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
  expect(await (await server.ask('/healthz', { token: null })).json()).toEqual({ status: 'ok' })
})

it('metrics are numbers of routes, statuses and codes, and nothing of events or tokens', async () => {
  await using server = await serve()
  await server.trail.record('door.open', { actor: { type: 'user', id: 'canary' } })
  await server.ask('/v1/events?query=canary')
  await server.ask('/v1/canary')
  await server.ask('/v1/events?canary=1')
  const response = await server.ask('/metrics')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  const value = (line: string): number | undefined => {
    const found = text.split('\n').find(one => one.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.slice(line.length + 1))
  }
  expect(value('annals_events_recorded_total')).toBe(1)
  expect(value('annals_log_size')).toBe(server.trail.size)
  expect(value('annals_streams_open')).toBe(0)
  expect(value('annals_recording_failed')).toBe(0)
  expect(value('annals_http_requests_total{route="listEvents",status="200"}')).toBe(1)
  expect(value('annals_http_requests_total{route="listEvents",status="400"}')).toBe(1)
  expect(value('annals_http_requests_total{route="none",status="404"}')).toBe(1)
  expect(value('annals_http_problems_total{code="ANNALS_INVALID"}')).toBe(1)
  expect(value('annals_http_request_seconds_count{route="listEvents"}')).toBe(2)
  expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(text).not.toMatch(/canary|annals_[\da-f]{16}_/)
  expect((await server.ask('/metrics', { token: null })).status).toBe(401)
})

it('metrics are open to everyone only when the settings say so', async () => {
  await using server = await serve({ metrics: { public: true } })
  expect((await server.ask('/metrics', { token: null })).status).toBe(200)
  expect((await server.ask('/v1/status', { token: null })).status).toBe(401)
})
