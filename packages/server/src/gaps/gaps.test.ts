import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openTrail } from 'annals'
import { retentionPlan, retentionRun } from 'annals/lifecycle'
import { describe, expect, it } from 'vitest'
import { startServer } from '../start-server.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { gapOf, periodRange } from './gap.ts'

interface Answer {
  readonly events?: readonly { readonly index: number }[]
  readonly next?: string
  readonly gaps: readonly {
    readonly kind: string
    readonly from: string
    readonly to?: string
    readonly index?: number
  }[]
}

async function ask(server: TestServer, path: string, token?: string): Promise<Answer> {
  const response = await server.ask(path, token === undefined ? {} : { token })
  expect(response.status, path).toBe(200)
  return (await response.json()) as Answer
}

/** A log with an event, a pause, an event in it, and one after it. */
async function paused(
  server: TestServer,
): Promise<{ readonly from: string; readonly to: string; readonly at: number }> {
  const { trail } = server
  await trail.record('x', { tenant: 'acme' })
  const begun = await trail.recordKeeping('log.pause', { data: { by: 'zqsecretzq' } })
  await delay(5)
  await trail.record('x', { tenant: 'acme' })
  await delay(5)
  const ended = await trail.recordKeeping('log.resume', {})
  await delay(5)
  await trail.record('x', { tenant: 'acme' })
  const [from, to] = await Promise.all([begun, ended].map(({ id }) => trail.get(id)))
  await expect.poll(async () => (await ask(server, '/v1/count')).gaps[0]?.to).toBeDefined()
  return { from: from?.recordedAt as string, to: to?.recordedAt as string, at: from?.index as number }
}

describe('the gaps of an answer', () => {
  it('are those of the time that was asked about: nothing found is not nothing there', async () => {
    await using server = await serve()
    const { from, to, at } = await paused(server)
    const gap = { kind: 'paused', from, to, index: at }
    const within = `recorded:${from}..${to}`
    const paths = [
      '/v1/events',
      '/v1/count',
      '/v1/histogram',
      '/v1/facets?fields=action',
      '/v1/entities/machine/none',
    ]
    for (const path of paths) expect((await ask(server, path)).gaps, path).toEqual([gap])
    for (const path of ['/v1/events', '/v1/count', '/v1/histogram'])
      expect(
        (await ask(server, `${path}?query=${encodeURIComponent(`actor:nobody ${within}`)}`)).gaps,
        path,
      ).toEqual([gap])
    const before = encodeURIComponent('before:2020')
    const after = encodeURIComponent(`recorded:>${to}`)
    for (const query of [before, after])
      expect((await ask(server, `/v1/events?query=${query}`)).gaps).toEqual([])
    expect((await ask(server, `/v1/events?asOf=${at}`)).gaps).toEqual([])
  })

  it('are on the page of their time, and on no other', async () => {
    await using server = await serve()
    const { at } = await paused(server)
    const seen: number[] = []
    let cursor = ''
    for (;;) {
      const page = await ask(server, `/v1/events?query=action:x&limit=1${cursor}`)
      if (page.gaps.length > 0) seen.push(page.events?.[0]?.index ?? -1)
      if (page.next === undefined) break
      cursor = `&cursor=${page.next}`
    }
    const events = (await ask(server, '/v1/events?query=action:x')).events ?? []
    const [newest, within, oldest] = events.map(({ index }) => index)
    expect(seen).toContain(within)
    expect(seen).not.toContain(newest)
    expect(at).toBeGreaterThan(oldest as number)
  })

  it('tell who sees a part of the log their kind and time, and nothing of other tenants', async () => {
    await using server = await serve()
    const { from, to } = await paused(server)
    await server.trail.recordKeeping('log.pause', { tenant: 'umbra' })
    const admin = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    const other = await server.token({ role: 'tenant-admin', tenant: 'umbra' })
    await expect.poll(async () => (await ask(server, '/v1/events')).gaps.length).toBe(2)
    const told = await ask(server, '/v1/events', admin)
    expect(told.gaps).toEqual([{ kind: 'paused', from, to }])
    expect(JSON.stringify(told)).not.toContain('zqsecretzq')
    expect((await ask(server, '/v1/events', other)).gaps.map(gap => [gap.kind, gap.to])).toEqual([
      ['paused', to],
      ['paused', undefined],
    ])
  })

  it('are known again after a restart, and tell what retention removed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'annals-gaps-'))
    try {
      let time = Date.UTC(2024, 0, 1, 12)
      const clocks = { wall: () => time, mono: () => time }
      const trail = await openTrail({ dir, period: 'day', clocks, sealing: 'manual' })
      const drafts = [{ action: 'x', retention: 'personal' }, { action: 'x' }]
      for (let day = 0; day < 3; day++) {
        await trail.recordAll(drafts)
        time += 86_400_000
      }
      time += 91 * 86_400_000
      await trail.record('x')
      const { at, plan } = await trail.perform(retentionPlan, {})
      await trail.perform(retentionRun, { at, plan })
      await trail.recordKeeping('log.pause', {})
      await trail.close()
      const again = await startServer({
        dir,
        port: 0,
        log: { level: 'silent' },
        retention: { schedule: 'off' },
      })
      try {
        const headers = { Authorization: `Bearer ${again.key}` }
        const gapsOf = async (query: string): Promise<Answer['gaps']> =>
          (
            (await (
              await fetch(new URL(`/v1/events?query=${query}`, again.url), { headers })
            ).json()) as Answer
          ).gaps
        expect(await gapsOf('during:2024-01')).toEqual([
          {
            kind: 'retention',
            from: '2024-01-01T00:00:00.000Z',
            to: '2024-01-04T00:00:00.000Z',
            index: expect.any(Number),
          },
        ])
        expect((await gapsOf('')).map(({ kind }) => kind)).toEqual(['retention', 'paused'])
        const shown = await fetch(new URL('/v1/histogram?query=during:2024', again.url), { headers })
        expect(((await shown.json()) as { retention: readonly object[] }).retention).toContainEqual({
          class: 'personal',
          before: expect.any(String),
        })
      } finally {
        await again.close()
      }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

describe('gaps in the words of the log', () => {
  it('a period is a month, a day or an hour of UTC', () => {
    expect(periodRange('2026-11')).toEqual([Date.UTC(2026, 10), Date.UTC(2026, 11)])
    expect(periodRange('2026-12-31')).toEqual([Date.UTC(2026, 11, 31), Date.UTC(2027, 0)])
    expect(periodRange('2026-11-21_13')).toEqual([Date.UTC(2026, 10, 21, 13), Date.UTC(2026, 10, 21, 14)])
    for (const name of ['', '2026', '2026-11-21T13', 'x']) expect(periodRange(name)).toBeUndefined()
  })

  it('a jump of the clock that was believed takes the time that was jumped over', () => {
    const entry = { index: 7, recordedAt: '2026-01-01T01:00:00.000Z', tenant: undefined }
    const from = (data: unknown): number => gapOf({ ...entry, data } as never).from
    const at = Date.parse(entry.recordedAt)
    expect(from({ kind: 'clock', aheadMs: 600_000, believed: true })).toBe(at - 600_000)
    expect(from({ kind: 'clock', aheadMs: 600_000, believed: false })).toBe(at)
    expect(gapOf({ ...entry, data: { kind: 'drop' } } as never)).toMatchObject({
      kind: 'lost',
      from: at,
      to: at + 1,
    })
    expect(gapOf({ ...entry, data: null } as never).kind).toBe('lost')
  })
})
