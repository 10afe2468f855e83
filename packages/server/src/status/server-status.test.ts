import type { TrailStatus } from 'annals'
import { expect, it } from 'vitest'
import { ServerStatus } from './server-status.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')

function of(failure: TrailStatus['failure'], live = { open: 0, isStopping: false }): ServerStatus {
  const trail: TrailStatus = {
    origin: 'o',
    period: 'day',
    size: 1,
    waiting: 0,
    chunks: { open: 1, closed: 0, sealed: 0, dropped: 0, bytes: 0 },
    watermark: 1,
    holds: 0,
    gaps: 0,
    ...(failure === undefined ? {} : { failure }),
  }
  return new ServerStatus({
    trail: { status: async () => trail },
    dir: '.',
    live,
    keys: { list: [] },
    schedule: { states: {} },
    now: () => NOW,
  })
}

it('is not ready after an append failed, for a minute: then somebody must try', async () => {
  const code = 'ANNALS_DISK_FULL'
  expect(await of(undefined).notReady()).toBeUndefined()
  expect(await of({ code, at: '2026-03-01T11:59:30Z' }).notReady()).toBe('recording')
  expect(await of({ code, at: '2026-03-01T11:58:59Z' }).notReady()).toBeUndefined()
  expect((await of({ code, at: '2026-03-01T11:58:59Z' }).report()).status).toBe('unhealthy')
})

it('is not ready while it stops', async () => {
  expect(await of(undefined, { open: 0, isStopping: true }).notReady()).toBe('stopping')
})
