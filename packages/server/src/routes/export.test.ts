import { createHash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AuditEvent } from 'annals'
import { importRecords, loadImporter } from 'annals/importers'
import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

interface Manifest {
  readonly count: number
  readonly sha256: string
  readonly asOf: number
  readonly now: string
  readonly first: number
  readonly last: number
  readonly complete: true
}

interface Download {
  readonly status: number
  readonly body: string
  readonly headers: IncomingMessage['headers']
  readonly manifest: Manifest | undefined
}

/** With trailers, which `fetch` does not give. */
async function download(server: TestServer, path: string, token = server.key): Promise<Download> {
  const response = await open(server, path, token)
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  const trailer = response.trailers['annals-manifest']
  return {
    status: response.statusCode ?? 0,
    body: Buffer.concat(pieces).toString(),
    headers: response.headers,
    manifest: trailer === undefined ? undefined : (JSON.parse(trailer) as Manifest),
  }
}

function open(
  server: TestServer,
  path: string,
  token = server.key,
  accept = '*/*',
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}`, Accept: accept }
    get(new URL(path, server.url), { headers, agent: false }, resolve).on('error', reject)
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function chunked(text: string): AsyncIterable<Uint8Array> {
  return (async function* () {
    yield Buffer.from(text)
  })()
}

const HOSTILE = [
  '=1+1',
  '+cmd',
  '-2',
  '@x',
  '\t=x',
  'a,"b"\r\nc',
  "'; DROP",
  '<img src=x onerror=y>',
  '\u202eabc',
]

async function filled(server: TestServer, count: number): Promise<void> {
  await server.trail.recordAll(
    Array.from({ length: count }, (_, n) => ({
      action: n % 3 === 0 ? 'machine.stop' : 'machine.start',
      actor: { type: 'user', id: `u${n % 5}`, name: HOSTILE[n % HOSTILE.length] as string },
      targets: [{ type: 'machine', id: `m${n % 7}` }],
      tenant: n % 2 === 0 ? 'acme' : 'umbra',
      tags: { 'cost.center': `c${n % 4}` },
      outcome: n % 11 === 0 ? ('denied' as const) : ('success' as const),
    })),
  )
}

describe('an export', () => {
  it('T43: is exactly what the query finds; imported, it gives the same events', async () => {
    await using server = await serve()
    await filled(server, 700)
    const { body, manifest, headers } = await download(server, '/v1/export?query=tenant:acme')
    const lines = body
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as AuditEvent)
    const found: AuditEvent[] = []
    for await (const event of server.trail.events('tenant:acme')) found.push(event)
    expect(lines).toEqual(found)
    expect(headers['content-type']).toBe('application/x-ndjson')
    expect(manifest).toMatchObject({
      complete: true,
      count: found.length,
      first: found[0]?.index,
      last: found.at(-1)?.index,
      asOf: Number(headers['annals-as-of']),
      now: headers['annals-now'],
      sha256: sha256(body),
      gaps: 0,
    })
    await using other = await serve()
    const withLine = await download(server, '/v1/export?query=tenant:acme&manifest=line')
    const importer = await loadImporter('ndjson')
    expect(await importRecords(other.trail, importer, chunked(withLine.body))).toMatchObject({
      recorded: found.length,
      rejected: 0,
    })
    const again: AuditEvent[] = []
    for await (const event of other.trail.events()) again.push(event)
    const same = (events: readonly AuditEvent[]): unknown[] =>
      events.map(({ id: _, index: __, recordedAt: ___, operation: ____, source: _____, ...rest }) => rest)
    expect(same(again)).toEqual(same(found))
    expect(again.map(event => event.source?.id)).toEqual(found.map(event => event.id))
    const line = JSON.parse(withLine.body.trimEnd().split('\n').at(-1) as string) as { manifest: Manifest }
    expect(line.manifest).toMatchObject({
      query: 'tenant:acme',
      count: found.length,
      sha256: sha256(body),
      gaps: [],
    })
  })

  it('goes on where it broke off: the pieces are the whole, byte by byte, in both forms, whatever is recorded meanwhile', async () => {
    await using server = await serve()
    await filled(server, 400)
    for (const form of ['format=ndjson', 'format=csv&fields=index,actor.name,sentence']) {
      const path = `/v1/export?query=${encodeURIComponent('tenant:acme after:now-1h')}&${form}`
      const whole = await download(server, path)
      const { asOf, now, count } = whole.manifest as Manifest
      await filled(server, 50)
      const pinned = `${path}&asOf=${asOf}&now=${now}`
      expect((await download(server, pinned)).body).toBe(whole.body)
      // Cells hold line breaks; every row begins with its position.
      const rows = whole.body.split(/(?<=\n)(?=\d+,|\{)/)
      const part = rows.slice(0, 90).join('')
      const last = Number(/^(?:\{"id":"[^"]*","index":)?(\d+),/.exec(rows[89] ?? '')?.[1])
      const rest = await download(server, `${pinned}&seek=${last + 1}`)
      expect(part + rest.body).toBe(whole.body)
      const told = await server.ask(`${pinned.replace('/v1/export?', '/v1/export/manifest?')}`)
      expect(await told.json()).toMatchObject({
        asOf,
        now,
        sha256: sha256(whole.body),
        count,
        complete: true,
      })
    }
  })

  it('as CSV has the columns that are asked for, guarded against formulas', async () => {
    await using server = await serve()
    await filled(server, HOSTILE.length)
    const fields = encodeURIComponent('actor.name,/tags/cost.center,target,outcome.result,data.none')
    const { body, headers, manifest } = await download(server, `/v1/export?format=csv&fields=${fields}`)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(headers['content-disposition']).toMatch(/^attachment; filename="annals-\d+\.csv"$/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(manifest?.sha256).toBe(sha256(body))
    expect(body.split('\r\n')[0]).toBe('actor.name,/tags/cost.center,target,outcome.result,data.none')
    for (const cell of [
      "'=1+1,c0",
      "'+cmd,",
      "'-2,",
      "'@x,",
      `"'\t=x",`,
      '"a,""b""\r\nc",',
      '<img src=x onerror=y>,',
    ])
      expect(body).toContain(cell)
    const raw = await download(server, `/v1/export?format=csv&fields=actor.name&raw=true&header=false`)
    expect(raw.body.startsWith('=1+1\r\n+cmd\r\n-2\r\n')).toBe(true)
    const accepted = await open(server, '/v1/export?query=actor:none', server.key, 'text/csv')
    expect(accepted.headers['content-type']).toContain('text/csv')
    accepted.resume()
    const standard = await download(server, '/v1/export?format=csv&query=actor:none')
    expect(standard.body).toMatch(/^index,id,occurredAt,.*,sentence\r\n$/)
  })

  it('is empty, whole and quick when nothing matches', async () => {
    await using server = await serve()
    const { body, manifest, status } = await download(server, '/v1/export?query=actor:nobody')
    expect([status, body]).toEqual([200, ''])
    expect(manifest).toMatchObject({ count: 0, complete: true, sha256: sha256('') })
  })

  it('refuses what cannot be done before anything is sent, and those who may not', async () => {
    await using server = await serve()
    const cases: [string, string][] = [
      ['query=colour:red', 'ANNALS_QUERY'],
      ['fields=colour&format=csv', 'ANNALS_INVALID'],
      ['fields=/~9&format=csv', 'ANNALS_INVALID'],
      [`fields=${Array(101).fill('id').join(',')}`, 'ANNALS_INVALID'],
      ['format=xlsx', 'ANNALS_INVALID'],
      ['format=csv&manifest=line', 'ANNALS_INVALID'],
      ['asOf=999999', 'ANNALS_INVALID'],
      ['asOf=', 'ANNALS_INVALID'],
      ['seek=yesterday', 'ANNALS_INVALID'],
      ['limit=3', 'ANNALS_INVALID'],
    ]
    for (const [query, code] of cases) {
      const response = await server.ask(`/v1/export?${query}`)
      expect([query, response.status]).toEqual([query, 400])
      expect(await response.json()).toMatchObject({ code })
    }
    const reader = await server.token({ role: 'maintainer', project: 'p' })
    for (const path of ['/v1/export', '/v1/export/manifest'])
      expect((await server.ask(path, { token: reader })).status).toBe(403)
    const readings = await server.trail.find('action:log.access', {})
    expect(readings.events).toEqual([])
  })

  it('T43: 20,000 events go through a bounded memory, as fast as the client takes them; one that goes ends it', async () => {
    await using server = await serve({ limits: { body: 64 * 1024 * 1024 } })
    const filler = 'x'.repeat(3_000)
    for (let n = 0; n < 20_000; n += 2_000) {
      const drafts = Array.from({ length: 2_000 }, (_, i) => ({ action: 'a.b', data: { n: n + i, filler } }))
      const answers = await server.trail.recordAll(drafts)
      expect(answers.every(answer => 'id' in answer)).toBe(true)
    }
    const collect = collector()
    const held = (): number => {
      collect()
      const { heapUsed, external } = process.memoryUsage()
      return (heapUsed + external) / 1024 / 1024
    }
    const before = held()
    const response = await open(server, '/v1/export')
    // The client takes nothing: what is made meanwhile must wait.
    await delay(1_000)
    const waiting = held()
    expect(waiting - before).toBeLessThan(25)
    let lines = 0
    let bytes = 0
    let most = 0
    for await (const piece of response) {
      const text = piece as Buffer
      bytes += text.length
      for (const byte of text) if (byte === 10) lines++
      if (bytes > most + 8_000_000) {
        most = bytes
        expect(held() - before).toBeLessThan(25)
      }
    }
    expect(lines).toBe(20_000)
    expect(bytes).toBeGreaterThan(60_000_000)
    expect(JSON.parse(response.trailers['annals-manifest'] as string)).toMatchObject({
      count: 20_000,
      complete: true,
    })
    const gone = await open(server, '/v1/export')
    gone.once('data', () => gone.destroy())
    await expect(
      (async () => {
        for await (const _ of gone);
      })(),
    ).rejects.toThrow()
    expect(gone.trailers['annals-manifest']).toBeUndefined()
    // Whoever comes next is answered.
    expect((await server.ask('/v1/count')).status).toBe(200)
  }, 180_000)
})

/** The garbage collector, which Node.js shows only when asked. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
