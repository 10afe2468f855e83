import { createHash } from 'node:crypto'
import { get } from 'node:http'
import type { AuditEvent } from 'annals'
import { importRecords, loadImporter } from 'annals/importers'
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
}, 60_000)
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

  it('walks pages both ways and starts at a time', async () => {
    const first = await json('/v1/events?limit=10')
    const second = await json(`/v1/events?limit=10&cursor=${first['next']}`)
    const back = await json(`/v1/events?limit=10&cursor=${second['previous']}`)
    expect((back['events'] as AuditEvent[]).map(one => one.index)).toEqual(
      (first['events'] as AuditEvent[]).map(one => one.index),
    )
    const at = await json('/v1/events?order=asc&limit=1&at=2026-10-25T10:00:00Z')
    expect(at).toMatchObject({ events: [{ occurredAt: '2026-10-25T10:00:00.000Z' }] })
    expect((await server.ask('/v1/events?limit=1001')).status).toBe(400)
    expect((await server.ask(`/v1/events?cursor=${first['next']}&query=actor:u1`)).status).toBe(400)
  })

  it('T46: waits for the outcome of the operation, and for no other', async () => {
    const operation = await server.trail.begin('machine.resize', { targets: [{ type: 'machine', id: 'm1' }] })
    const other = await server.trail.begin('machine.resize')
    expect(await json(`/v1/operations/${operation.id}`)).toMatchObject({ state: 'pending', attempt: {} })
    const waiting = json(`/v1/operations/${operation.id}?wait=30`)
    await other.finish('success')
    await operation.finish('failure')
    expect(await waiting).toMatchObject({ state: 'ended', outcome: { outcome: { result: 'failure' } } })
    expect((await server.ask('/v1/operations/none')).status).toBe(404)
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

describe('an export', () => {
  it('T43: is everything, with a manifest, and can be imported', async () => {
    const { body, trailers, headers } = await download('/v1/export?query=action:machine.*%20index:..2600')
    const manifest = JSON.parse(trailers['annals-manifest'] ?? '') as {
      count: number
      sha256: string
      asOf: number
    }
    expect(manifest).toMatchObject({ complete: true, count: body.trimEnd().split('\n').length })
    expect(manifest.sha256).toBe(createHash('sha256').update(body).digest('hex'))
    expect(headers['annals-as-of']).toBe(String(manifest.asOf))
    await using other = await serve()
    const importer = await loadImporter('ndjson')
    const counts = await importRecords(
      other.trail,
      importer,
      (async function* () {
        yield Buffer.from(body)
      })(),
    )
    expect(counts).toMatchObject({ recorded: manifest.count, rejected: 0 })
  })

  it('goes on where it broke off: the pieces are the whole, byte by byte', async () => {
    const whole = await download('/v1/export?query=tenant:acme')
    const asOf = whole.headers['annals-as-of']
    const lines = whole.body.trimEnd().split('\n')
    const part = lines.slice(0, 700)
    const last = JSON.parse(part.at(-1) as string) as AuditEvent
    const rest = await download(`/v1/export?query=tenant:acme&seek=${last.index + 1}&asOf=${asOf}`)
    expect(`${part.join('\n')}\n${rest.body}`).toBe(whole.body)
  })

  it('guards spreadsheets against formulas', async () => {
    await server.trail.record('login', { actor: { type: 'user', id: 'x', name: '=HYPERLINK("x")' } })
    const { body } = await download('/v1/export?format=csv&query=action:login&fields=actor.name,action')
    expect(body).toBe(`actor.name,action\r\n"'=HYPERLINK(""x"")",login\r\n`)
  })
})

interface Download {
  readonly body: string
  readonly headers: Record<string, string | string[] | undefined>
  readonly trailers: Record<string, string | undefined>
}

/** With trailers, which `fetch` does not give. */
function download(path: string): Promise<Download> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${server.key}` }
    get(new URL(path, server.url), { headers, agent: false }, response => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          body: Buffer.concat(pieces).toString(),
          headers: response.headers,
          trailers: response.trailers,
        }),
      )
    }).on('error', reject)
  })
}
