import type { AuditEvent } from 'annals'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

const EVENTS = 2_500
let server: TestServer

beforeAll(async () => {
  server = await serve()
  const drafts = Array.from({ length: EVENTS }, (_, i) => ({
    action: i % 5 === 0 ? 'machine.delete' : 'machine.start',
    outcome: i % 10 === 0 ? ('denied' as const) : ('success' as const),
    occurredAt: new Date(Date.UTC(2026, 9, 25, 0, i)),
    actor: { type: 'user', id: `u${i % 7}` },
    targets: [{ type: 'machine', id: `m${i % 100}` }],
    tenant: i % 2 === 0 ? 'acme' : 'umbra',
    origin: { correlationId: `c${i % 50}` },
  }))
  await server.trail.recordAll(drafts)
}, 180_000)
afterAll(async () => await server.close())

async function json(path: string, token?: string): Promise<Record<string, unknown>> {
  const response = await server.ask(path, token === undefined ? {} : { token })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text) as Record<string, unknown>
}

describe('questions over HTTP', () => {
  it('answers one event, and 404 alike for what is absent and what is hidden', async () => {
    const token = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    const { events } = await server.trail.find('tenant:acme', { limit: 1 })
    const seen = events[0] as AuditEvent
    expect(await json(`/v1/events/${seen.id}`, token)).toMatchObject({ event: { index: seen.index } })
    expect(await json(`/v1/events/${seen.index}`, token)).toMatchObject({ event: { id: seen.id } })
    const hidden = (await server.trail.find('tenant:umbra', { limit: 1 })).events[0] as AuditEvent
    const answers = await Promise.all(
      [hidden.id, String(hidden.index), '999999999', 'no-id'].map(async at => {
        const response = await server.ask(`/v1/events/${at}`, { token })
        const { requestId: _, ...problem } = (await response.json()) as { requestId: string }
        return [response.status, problem]
      }),
    )
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.[0]).toBe(404)
  })

  it('T47: counts, facets and histogram are those of a linear count', async () => {
    expect(await json('/v1/count?by=action&query=tenant:acme')).toMatchObject({
      total: EVENTS / 2,
      complete: true,
      groups: [
        { key: { action: 'machine.start' }, count: 1000 },
        { key: { action: 'machine.delete' }, count: 250 },
      ],
    })
    const { facets } = (await json('/v1/facets?fields=outcome,actor&limit=2')) as unknown as {
      facets: readonly { field: string; values: readonly { count: number }[]; other: number }[]
    }
    expect(facets[0]).toMatchObject({
      field: 'outcome',
      values: [{ value: 'success', count: 2250 }, { count: 250 }],
    })
    const [first, second] = facets[1]?.values ?? []
    expect((first?.count ?? 0) + (second?.count ?? 0) + (facets[1]?.other ?? 0)).toBe(EVENTS)
    const day = (await json(
      '/v1/histogram?query=during:2026-10-25&timeZone=Europe/Berlin&buckets=25',
    )) as unknown as { edges: readonly number[]; series: Record<string, readonly number[]>; total: number }
    // The day on which clocks go back has 25 hours.
    expect(day.edges).toHaveLength(26)
    expect(new Set(day.edges.slice(1).map((edge, i) => edge - (day.edges[i] as number)))).toEqual(
      new Set([3_600_000]),
    )
    expect(
      Object.values(day.series)
        .flat()
        .reduce((a, b) => a + b),
    ).toBe(day.total)
  })

  it('says when a count stopped early', async () => {
    const query = encodeURIComponent('action:machine.* -took:>90d')
    const counted = (await json(`/v1/count?query=${query}&most=10`)) as unknown as {
      total: number
      through: number
    }
    expect(counted).toMatchObject({ complete: false })
    expect(counted.through).toBeGreaterThan(0)
    const newest = await json(`/v1/count?query=${query}&seek=${counted.through}`)
    expect(newest).toMatchObject({ complete: true, total: counted.total })
  })

  it('folds the state of an entity, with the events that prove it', async () => {
    const targets = [{ type: 'ip', id: '10.4.7.9' }]
    const owner = (occurredAt: string, after: string, before?: string): object => ({
      targets,
      occurredAt,
      changes: [
        { path: '/owner', after, ...(before === undefined ? { op: 'add' } : { op: 'replace', before }) },
      ],
    })
    await server.trail.record('ip.assign', owner('2026-02-28T10:00:00Z', 'acme'))
    await server.trail.record('ip.assign', owner('2026-03-04T10:00:00Z', 'umbra', 'acme'))
    const state = await json('/v1/entities/ip/10.4.7.9/state?at=2026-03-01T14:05:00Z')
    expect(state).toMatchObject({
      state: { owner: 'acme' },
      since: { occurredAt: '2026-02-28T10:00:00.000Z' },
      until: { occurredAt: '2026-03-04T10:00:00.000Z' },
    })
    const before = await json('/v1/entities/ip/10.4.7.9/state?at=2026-01-01T00:00:00Z')
    expect(before['state']).toBeUndefined()
    expect(await json('/v1/entities/ip/10.4.7.9')).toMatchObject({ total: 2 })
  })

  it('gives the events around one, its receipt, and the catalog', async () => {
    const { events } = await server.trail.find('corr:c3', { limit: 1 })
    const { id } = events[0] as AuditEvent
    const found = (await json(`/v1/events/${id}/related`)) as unknown as { linked: readonly unknown[] }
    expect(found.linked).toHaveLength(EVENTS / 50)
    const receipt = await server.ask(`/v1/events/${id}/receipt?disclose=all`)
    expect(await receipt.text()).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
    const { entries } = (await json('/v1/catalog')) as unknown as { entries: readonly { action: string }[] }
    expect(entries.map(entry => entry.action)).toContain('machine.start')
  })
})
