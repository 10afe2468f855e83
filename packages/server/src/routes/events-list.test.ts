import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

interface Page {
  readonly events: readonly { readonly index: number; readonly id: string; readonly tenant?: string }[]
  readonly sentences?: readonly string[]
  readonly next?: string
  readonly previous?: string
  readonly asOf: number
  readonly watermark: number
}

async function page(server: TestServer, parameters: string, token = server.key): Promise<Page> {
  const response = await server.ask(`/v1/events?${parameters}`, { token })
  expect(response.status, parameters).toBe(200)
  return (await response.json()) as Page
}

/** Walks on by cursors, to the end, while others record. */
async function walk(server: TestServer, parameters: string, token?: string): Promise<readonly Page[]> {
  const pages: Page[] = []
  for (let cursor = ''; ; ) {
    const found = await page(server, `${parameters}${cursor}`, token)
    pages.push(found)
    if (found.next === undefined) return pages
    await server.trail.recordAll([
      { action: 'x', tenant: 'acme' },
      { action: 'x', tenant: 'umbra' },
    ])
    cursor = `&cursor=${found.next}`
  }
}

function indexes(pages: readonly Page[]): number[] {
  return pages.flatMap(({ events }) => events.map(({ index }) => index))
}

describe('GET /v1/events', () => {
  it('answers a page to those who may read, with the facts of the log', async () => {
    await using server = await serve()
    await server.trail.record('machine.delete', { tenant: 'acme', actor: { type: 'user', id: 'alice' } })
    await server.trail.record('machine.start', { tenant: 'umbra', actor: { type: 'user', id: 'bob' } })
    const all = await page(server, '')
    expect(all).toMatchObject({
      events: [{ action: 'machine.start' }, { action: 'machine.delete' }],
      gaps: [],
    })
    expect(all.watermark).toBe(all.asOf)
    expect(all.asOf).toBeGreaterThan(all.events[0]?.index as number)
    expect((await server.ask('/v1/events', { token: null })).status).toBe(401)
    const recorder = await server.token({ role: 'recorder' })
    expect((await server.ask('/v1/events', { token: recorder })).status).toBe(403)
  })

  it('T37 M25: shows what the scope has, whatever the query says', async () => {
    await using server = await serve()
    await server.trail.record('machine.delete', { tenant: 'acme' })
    await server.trail.record('machine.start', { tenant: 'umbra' })
    const token = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    for (const query of ['', 'tenant:umbra OR *', '-tenant:acme OR tenant:acme', '*'])
      expect((await page(server, `query=${query}`, token)).events.map(({ tenant }) => tenant)).toEqual([
        'acme',
      ])
    expect((await page(server, 'query=tenant:umbra', token)).events).toEqual([])
  })

  it('T29: refuses what it does not know, with the place', async () => {
    await using server = await serve()
    const cases: [string, object][] = [
      ['limti=3', { code: 'ANNALS_INVALID', path: 'limti' }],
      [
        'query=outcom:success',
        { code: 'ANNALS_QUERY', position: [0, 6], hint: expect.stringContaining('outcome') },
      ],
      ['query=during:2026-03..2026-01', { code: 'ANNALS_QUERY' }],
      ['order=newest', { path: 'order' }],
      ['timeZone=Mars/Olympus', { path: 'timeZone' }],
      ['seek=yesterday', { path: 'seek' }],
      ['at=nowhere', { path: 'at' }],
      ['now=today', { path: 'now' }],
      ['asOf=99999', { path: '/asOf' }],
      ['describe=yes', { path: 'describe' }],
      ['limit=1&limit=2', { path: 'limit' }],
    ]
    for (const [parameters, problem] of cases) {
      const response = await server.ask(`/v1/events?${parameters}`)
      expect([parameters, response.status]).toEqual([parameters, 400])
      expect(await response.json(), parameters).toMatchObject(problem)
    }
  })

  it('T35 M22: 50 by default, at most 1,000; more is refused, not cut; 0 is none; the newest come first', async () => {
    await using server = await serve()
    await server.trail.recordAll(Array.from({ length: 1_200 }, () => ({ action: 'x' })))
    const newest = (await page(server, 'limit=1')).events[0]?.index as number
    const expected = Array.from({ length: 1_200 }, (_, nth) => newest - nth)
    expect(indexes([await page(server, '')])).toEqual(expected.slice(0, 50))
    for (const limit of [1, 999, 1_000])
      expect(indexes([await page(server, `limit=${limit}`)])).toEqual(expected.slice(0, limit))
    expect(await page(server, 'limit=0')).toMatchObject({ events: [] })
    for (const limit of ['1001', '-1', '1.5', 'many', '', '1e3', '0x10']) {
      const response = await server.ask(`/v1/events?limit=${limit}`)
      expect(response.status, limit).toBe(400)
      expect(await response.json()).toMatchObject({ path: 'limit' })
    }
  })

  it('T31 T32 T39: pages of any size give each event once, both ways, full for a restricted reader too, while others record', async () => {
    await using server = await serve()
    const drafts = Array.from({ length: 240 }, (_, n) => ({
      action: 'x',
      tenant: n % 4 === 0 ? 'acme' : 'umbra',
    }))
    await server.trail.recordAll(drafts)
    const token = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    for (const order of ['asc', 'desc']) {
      for (const limit of [7, 20, 60]) {
        const pages = await walk(server, `order=${order}&limit=${limit}`, token)
        const [first] = pages
        const seen = indexes(pages)
        expect(new Set(pages.map(({ asOf }) => asOf))).toEqual(new Set([first?.asOf]))
        const expected: number[] = []
        for await (const event of server.trail.events('tenant:acme', { seekEnd: first?.asOf ?? 0 }))
          expected.push(event.index)
        if (order === 'desc') expected.reverse()
        expect(seen).toEqual(expected)
        // No page has a hole where others' events are.
        for (const { events, next } of pages) expect(events.length === limit || next === undefined).toBe(true)
        const back: number[] = []
        for (let cursor = pages.at(-1)?.previous; cursor !== undefined; ) {
          const found = await page(server, `order=${order}&limit=${limit}&cursor=${cursor}`, token)
          back.unshift(...found.events.map(({ index }) => index))
          cursor = found.previous
        }
        expect(back).toEqual(indexes(pages.slice(0, -1)))
      }
    }
  })

  it('T33: a cursor that was altered, or is of another query or order, is refused; it opens nothing to somebody else', async () => {
    await using server = await serve()
    await server.trail.recordAll(
      Array.from({ length: 30 }, (_, n) => ({ action: 'x', tenant: n % 2 ? 'acme' : 'umbra' })),
    )
    const { next } = await page(server, 'query=action:x&limit=5')
    const decoded = JSON.parse(Buffer.from(next as string, 'base64url').toString()) as object
    const forged = (more: object): string =>
      Buffer.from(JSON.stringify({ ...decoded, ...more })).toString('base64url')
    const cursors = [
      `${next}x`,
      next?.slice(1),
      '',
      'x',
      forged({ index: 3 }),
      forged({ asOf: 9 }),
      forged({ back: true }),
    ]
    for (const cursor of cursors) {
      const response = await server.ask(`/v1/events?query=action:x&cursor=${cursor}`)
      expect([cursor, response.status]).toEqual([cursor, 400])
      expect(await response.json()).toMatchObject({ code: 'ANNALS_CURSOR' })
    }
    for (const other of ['query=action:y', 'query=action:x&order=asc', 'query=action:x&at=3'])
      expect((await server.ask(`/v1/events?${other}&cursor=${next}`)).status).toBe(400)
    const token = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    const shown = await page(server, `query=action:x&cursor=${next}&limit=100`, token)
    expect(new Set(shown.events.map(({ tenant }) => tenant))).toEqual(new Set(['acme']))
  })

  it('begins where it is told, and shows the log as it was', async () => {
    await using server = await serve()
    const at = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString()
    await server.trail.recordAll(
      Array.from({ length: 24 }, (_, hour) => ({ action: 'x', occurredAt: at(hour) })),
    )
    const around = await page(server, `at=${at(12)}&limit=3`)
    const hours = (found: Page): string[] =>
      (found.events as unknown as { occurredAt: string }[]).map(e => e.occurredAt)
    expect(hours(around)).toEqual([at(12), at(11), at(10)])
    expect(hours(await page(server, `cursor=${around.previous}&limit=3`))).toEqual([at(15), at(14), at(13)])
    const id = around.events[1]?.id
    expect(hours(await page(server, `at=${id}&order=asc&limit=2`))).toEqual([at(11), at(12)])
    expect((await server.ask('/v1/events?at=019aa56f-9000-7000-8000-000000000001')).status).toBe(404)
    const pinned = `query=after:now-2h&asOf=${around.asOf}&now=${at(23)}`
    const before = await page(server, pinned)
    expect(hours(before)).toEqual([at(23), at(22), at(21)])
    await server.trail.record('x', { occurredAt: at(23) })
    expect((await page(server, pinned)).events).toEqual(before.events)
  })

  it('T42: describes events in plain text, in their order', async () => {
    await using server = await serve()
    await server.trail.record('machine.delete', {
      actor: { type: 'user', id: 'u1', name: '<img src=x onerror=y>\u202e' },
      targets: [{ type: 'machine', id: 'm1', name: '\u001b]0;x\u0007' }],
    })
    await server.trail.record('x')
    const { events, sentences } = await page(server, 'describe=true')
    expect(sentences).toHaveLength(events.length)
    expect(sentences?.[1]).toContain('machine.delete')
    expect(sentences?.join('')).not.toMatch(/\p{Cc}|\u202e/u)
    expect((await page(server, '')).sentences).toBeUndefined()
    const plain = await server.ask('/v1/events?describe=true')
    expect(plain.headers.get('content-type')).toMatch(/^application\/json\b/)
    expect(plain.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('gives NDJSON and CloudEvents to those who accept them, with the cursors in headers', async () => {
    await using server = await serve()
    await server.trail.recordAll(Array.from({ length: 5 }, (_, n) => ({ action: 'x', data: { n } })))
    const { events, next, asOf } = await page(server, 'limit=3')
    const ask = (accept: string): Promise<Response> =>
      server.ask('/v1/events?limit=3', { headers: { Accept: accept } })
    const lines = await ask('application/x-ndjson')
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson')
    expect(
      (await lines.text())
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as unknown),
    ).toEqual(events)
    expect(Object.fromEntries(lines.headers)).toMatchObject({
      'annals-next': next,
      'annals-as-of': String(asOf),
    })
    const second = await server.ask(`/v1/events?limit=3&cursor=${next}`, {
      headers: { Accept: 'application/x-ndjson' },
    })
    expect(second.headers.get('annals-previous')).toBeTruthy()
    const cloud = await ask('application/cloudevents-batch+json')
    expect(cloud.headers.get('content-type')).toMatch(/^application\/cloudevents-batch\+json\b/)
    expect(await cloud.json()).toMatchObject(
      events.map(({ id }) => ({
        specversion: '1.0',
        id,
        type: 'x',
        source: expect.stringMatching(/^urn:annals:/),
      })),
    )
    expect((await ask('image/png')).status).toBe(406)
  })
})
