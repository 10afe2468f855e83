import { sampleDrafts } from 'annals/testing'
import { describe, expect, it } from 'vitest'
import { post } from '../testing/post-events.ts'
import { serve } from '../testing/serve.ts'

const NDJSON = 'application/x-ndjson'
const CLOUDEVENT = 'application/cloudevents+json'

const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('POST /v1/events with one draft', () => {
  it('answers where the event is, once it is durable', async () => {
    await using server = await serve()
    const sent = await post(server, { action: 'machine.delete', targets: [{ type: 'machine', id: 'web-3' }] })
    expect(sent.status).toBe(201)
    expect(sent.json).toEqual({ id: expect.any(String), index: expect.any(Number), level: 'stored' })
    expect(sent.headers.get('location')).toBe(`/v1/events/${sent.json.id}`)
    const event = await server.trail.get(sent.json.id)
    expect(event).toMatchObject({ action: 'machine.delete', index: sent.json.index, origin: {} })
    expect(event?.actor, 'nobody is guessed').toEqual({ type: 'unknown', id: '' })
  })

  it('is recorded once for one key, and not at all for another content', async () => {
    await using server = await serve()
    const key = { 'Idempotency-Key': '"5f0c"' }
    const first = await post(server, { action: 'a.b' }, key)
    const again = await post(server, { action: 'a.b' }, { 'Idempotency-Key': '5f0c' })
    expect(again.json).toEqual({ ...first.json, duplicate: true })
    const other = await post(server, { action: 'a.c' }, key)
    expect(other.status).toBe(409)
    expect(other.json).toMatchObject({ code: 'ANNALS_CONFLICT', path: '/id' })
    // Its own id, or its source, goes before the header.
    const own = { action: 'a.d', id: 'mine' }
    expect((await post(server, own, key)).status).toBe(201)
    expect((await post(server, own)).json.duplicate).toBe(true)
    const imported = { action: 'a.e', source: { system: 's', id: '1' } }
    expect((await post(server, imported, key)).json.duplicate).toBeUndefined()
    expect((await post(server, imported)).json.duplicate).toBe(true)
    expect((await post(server, { action: 'a' }, { 'Idempotency-Key': 'x'.repeat(401) })).json).toMatchObject({
      status: 400,
      path: 'Idempotency-Key',
    })
    expect(await server.trail.count()).toMatchObject({ total: 3 })
  })

  it('refuses what is no draft, with its place, and stores nothing', async () => {
    await using server = await serve()
    const refused: readonly [body: string | Uint8Array, status: number, code: string, path: unknown][] = [
      ['{"action":"a.b","data":{"n":9007199254740993}}', 400, 'ANNALS_INVALID', '/data/n'],
      ['{"action":"a.b","data":{"x":[{"k":1,"k":2}]}}', 400, 'ANNALS_INVALID', '/data/x/0/k'],
      ['{"action":"a.b","action":"a.c"}', 400, 'ANNALS_INVALID', '/action'],
      ['{"action":"a.b"', 400, 'ANNALS_INVALID', ''],
      ['', 400, 'ANNALS_INVALID', ''],
      ['5', 400, 'ANNALS_INVALID', ''],
      ['{}', 400, 'ANNALS_INVALID', '/action'],
      ['{"action":"log.erasure"}', 400, 'ANNALS_INVALID', '/action'],
      ['{"action":"a","index":3}', 400, 'ANNALS_INVALID', '/index'],
      ['{"action":"a","nonsense":3}', 400, 'ANNALS_INVALID', '/nonsense'],
      ['{"action":"a","data":"\\ud800"}', 400, 'ANNALS_INVALID', '/data'],
      [`{"action":"a","data":${'['.repeat(80)}${']'.repeat(80)}}`, 413, 'ANNALS_LIMIT', ''],
      [`{"action":"a","data":${'['.repeat(40)}${']'.repeat(40)}}`, 413, 'ANNALS_LIMIT', expect.any(String)],
      [Buffer.from([0x22, 0xff, 0x22]), 400, 'ANNALS_INVALID', ''],
    ]
    for (const [body, status, code, path] of refused) {
      const sent = await post(server, body)
      expect(sent.json, String(body)).toMatchObject({ status, code, path, requestId: expect.any(String) })
      expect(sent.headers.get('content-type')).toContain('application/problem+json')
    }
    expect(await server.trail.count()).toMatchObject({ total: 0 })
  })

  it('takes what it understands, and says so otherwise', async () => {
    await using server = await serve({ limits: { body: 1024 } })
    const draft = { action: 'a.b' }
    expect((await post(server, draft, { type: 'text/plain' })).status).toBe(415)
    expect((await post(server, draft, { type: 'application/json; charset=latin1' })).status).toBe(415)
    expect((await post(server, draft, { type: 'application/json; charset="UTF-8"' })).status).toBe(201)
    expect((await post(server, draft, { 'Content-Encoding': 'gzip' })).status).toBe(415)
    expect((await post(server, draft, { query: '?wait=5' })).json).toMatchObject({
      status: 400,
      path: 'wait',
    })
    expect((await post(server, { ...draft, data: 'x'.repeat(2000) })).json).toMatchObject({
      status: 413,
      code: 'ANNALS_LIMIT',
    })
    const bare = await server.ask('/v1/events', { method: 'POST' })
    expect(bare.status).toBe(415)
  })
})

describe('who records', () => {
  it('needs the permission', async () => {
    await using server = await serve()
    const auditor = await server.token({ role: 'auditor' })
    expect((await post(server, { action: 'a' }, { token: auditor })).status).toBe(403)
    expect((await server.ask('/v1/events', { method: 'POST', token: null })).status).toBe(401)
    const recorder = await server.token({ role: 'recorder' })
    const sent = await post(
      server,
      { action: 'a', tenant: 'acme', actor: { type: 'user', id: 'u1' } },
      { token: recorder },
    )
    expect(await server.trail.get(sent.json.id)).toMatchObject({
      tenant: 'acme',
      actor: { type: 'user', id: 'u1' },
    })
  })

  it('records for its tenant and project only', async () => {
    await using server = await serve()
    const token = await server.token({ role: 'recorder', tenant: 'acme', project: 'p1' })
    const filled = await post(server, { action: 'a' }, { token })
    expect(await server.trail.get(filled.json.id)).toMatchObject({ tenant: 'acme', project: 'p1' })
    expect((await post(server, { action: 'a', tenant: 'acme', project: 'p1' }, { token })).status).toBe(201)
    for (const [field, value] of Object.entries({ tenant: 'umbra', project: 'p2' })) {
      const sent = await post(server, { action: 'a', [field]: value }, { token })
      expect(sent.json).toMatchObject({ status: 403, code: 'ANNALS_DENIED', path: `/${field}` })
    }
    const many = await post(server, [{ action: 'a', tenant: 'umbra' }, { action: 'b' }], { token })
    expect(many.json.results).toMatchObject([
      { error: { code: 'ANNALS_DENIED', path: '/tenant' } },
      { level: 'stored' },
    ])
    const cloud = { specversion: '1.0', id: '1', source: '/x', type: 'c' }
    const unwrapped = await post(server, cloud, { token, type: CLOUDEVENT })
    expect(await server.trail.get(unwrapped.json.id)).toMatchObject({
      tenant: 'acme',
      source: { system: '/x', id: '1' },
    })
    expect(await server.trail.count('tenant:umbra')).toMatchObject({ total: 0 })
  })

  it('cannot take away or find the idempotency keys of another tenant', async () => {
    await using server = await serve()
    const acme = await server.token({ role: 'recorder', tenant: 'acme' })
    const umbra = await server.token({ role: 'recorder', tenant: 'umbra' })
    const drafts = [
      { action: 'a', id: 'k' },
      { action: 'a', source: { system: 's', id: '1' } },
    ]
    const first = await post(server, drafts, { token: umbra })
    const other = await post(server, drafts, { token: acme })
    expect(other.json.counts).toEqual({ recorded: 2, duplicates: 0, refused: 0 })
    const again = await post(server, drafts, { token: umbra })
    expect(again.json.counts).toEqual({ recorded: 0, duplicates: 2, refused: 0 })
    expect(again.json.results[0].id).toBe(first.json.results[0].id)
    expect((await post(server, { ...drafts[0], action: 'b' }, { token: umbra })).status).toBe(409)
    expect((await post(server, { action: 'a', id: 'x'.repeat(513) }, { token: umbra })).json.path).toBe('/id')
  })
})

describe('POST /v1/events with many drafts', () => {
  it('answers each in its place; one that is refused keeps no other back', async () => {
    await using server = await serve()
    const drafts = [...sampleDrafts({ count: 2_500, seed: 4 })]
    const given: unknown[] = [...drafts.slice(0, 1200), { action: 'no action' }, 7, ...drafts.slice(1200)]
    const { status, json } = await post(server, given)
    expect(status).toBe(200)
    expect(json.counts).toEqual({ recorded: 2_500, duplicates: 0, refused: 2 })
    expect(json.results).toHaveLength(2_502)
    expect(json.results[1200]).toEqual({
      error: {
        code: 'ANNALS_INVALID',
        message: expect.any(String),
        path: '/action',
        hint: expect.any(String),
      },
    })
    expect(json.results[1201].error).toMatchObject({ code: 'ANNALS_INVALID', path: '' })
    const recorded = json.results.filter((one: object) => 'id' in one)
    expect(recorded.map(({ index }: { index: number }) => index)).toEqual(
      recorded.map((_: unknown, at: number) => recorded[0].index + at),
    )
    const stored = await Array.fromAsync(server.trail.events())
    expect(stored.map(event => event.action)).toEqual(drafts.map(draft => draft.action))
  })

  it('sent again with the same key records nothing twice', async () => {
    await using server = await serve()
    const drafts = [{ action: 'a' }, { action: 'a' }, { action: 'b', id: 'own' }]
    const key = { 'Idempotency-Key': 'batch-1' }
    const first = await post(server, drafts, key)
    const again = await post(server, drafts, key)
    expect(again.json.counts).toEqual({ recorded: 0, duplicates: 3, refused: 0 })
    expect(again.json.results.map((one: { id: string }) => one.id)).toEqual(
      first.json.results.map((one: { id: string }) => one.id),
    )
    // The same lines as NDJSON are the same batch.
    const asLines = await post(server, drafts.map(draft => JSON.stringify(draft)).join('\n'), {
      ...key,
      type: NDJSON,
    })
    expect(lines(asLines.text).at(-1)).toMatchObject({ counts: { duplicates: 3 } })
    expect((await post(server, [], key)).json).toMatchObject({ results: [], counts: { recorded: 0 } })
  })

  it('has a bound', async () => {
    await using server = await serve()
    const sent = await post(server, new Array(10_001).fill({ action: 'a' }))
    expect(sent.json).toMatchObject({ status: 413, code: 'ANNALS_LIMIT' })
    expect(await server.trail.count()).toMatchObject({ total: 0 })
  })
})

describe('await', () => {
  it.each(['proved', 'witnessed'])(
    '%s: says what was reached, and that the event is stored in every case',
    async level => {
      await using server = await serve()
      const query = `?await=${level}`
      const sent = await post(server, { action: 'a' }, { query })
      if (level === 'proved') {
        expect(sent).toMatchObject({ status: 201, json: { level } })
        expect(await server.trail.receipt(sent.json.id)).toContain('c2sp.org/tlog-proof@v1')
      } else {
        // Nobody was named who could witness it.
        expect(sent.json).toMatchObject({
          status: 501,
          code: 'ANNALS_UNSUPPORTED',
          stored: { level: 'stored' },
        })
        expect(await server.trail.get(sent.json.stored.id)).toMatchObject({ action: 'a' })
      }
      const reached = level === 'proved' ? 'proved' : 'stored'
      const streamed = await post(server, '{"action":"b"}\n{"action":"c"}', { query, type: NDJSON })
      expect(lines(streamed.text)).toMatchObject([
        { level: reached },
        { level: reached },
        { counts: { recorded: 2 } },
      ])
    },
  )

  it('an empty array waits for what is there', async () => {
    await using server = await serve()
    await post(server, { action: 'a' })
    const size = server.trail.size
    expect((await post(server, [], { query: '?await=proved' })).status).toBe(200)
    const checkpoint = Buffer.from((await server.trail.checkpoint()) as Uint8Array).toString()
    expect(Number(checkpoint.split('\n')[1])).toBeGreaterThanOrEqual(size)
  })
})
