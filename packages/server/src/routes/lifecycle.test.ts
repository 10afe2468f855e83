import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { verifyEvidence } from 'annals'
import { ACTS } from 'annals/lifecycle'
import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

async function perform(
  server: TestServer,
  act: string,
  body: unknown,
  init: { token?: string | null; headers?: Record<string, string> } = {},
): Promise<Response> {
  return await server.ask(`/v1/lifecycle/${act}`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
    headers: { 'Content-Type': 'application/json', ...init.headers },
  })
}

/** What a call is refused with. */
async function refusal(response: Response): Promise<readonly [number, string, string | undefined]> {
  const { status, code, path } = (await response.json()) as { status: number; code: string; path?: string }
  expect(status).toBe(response.status)
  return [status, code, path]
}

describe('acts', () => {
  it('every act can be asked for by its name, and is performed in the name of whoever asks', async () => {
    await using server = await serve()
    const person = { type: 'user', id: 'alice' }
    await server.trail.record('door.open', { actor: person })
    expect(await (await server.ask('/v1/lifecycle/acts')).json()).toMatchObject({
      acts: ACTS.map(({ name }) => ({ name })),
    })
    const requests: Record<string, unknown> = {
      chunks: {},
      'list-keys': {},
      seal: {},
      'retention-plan': { at: '2027-01-01T00:00:00Z' },
      'retention-policy': { floor: '30d' },
      'retention-run': {},
      hold: { hold: 'case', reason: 'suit', query: 'action:door.*' },
      release: { hold: 'case', reason: 'settled' },
      pause: { tenant: 'dev', reason: 'load test' },
      resume: { tenant: 'dev', reason: 'over' },
      erase: { persons: [person], basis: 'Art. 17' },
      'rotate-kek': {},
      'rotate-log-key': { overlap: 60 },
      'retire-log-key': {},
    }
    for (const [act, body] of Object.entries(requests)) {
      const response = await perform(server, act, body)
      expect([act, response.status]).toEqual([act, 200])
      expect(await response.json()).toMatchObject({ act, result: expect.anything() })
    }
    expect(Object.keys(requests).concat('archive', 'timestamp').sort()).toEqual(
      ACTS.map(({ name }) => name).sort(),
    )
    const own = await Array.fromAsync(
      server.trail.events('action:log.hold,log.release,log.pause,log.resume,log.erasure,log.policy,log.key'),
    )
    const key = server.keys.list[0]?.id
    const named = own
      .filter(event => !(event.data as { period?: unknown }).period)
      .map(({ action, actor }) => [action, actor.id])
    expect(named).toEqual(
      ['policy', 'hold', 'release', 'pause', 'resume', 'erasure', 'key'].map(name => [`log.${name}`, key]),
    )
  })

  it('holds are listed, with what became of them', async () => {
    await using server = await serve()
    await perform(server, 'hold', { hold: 'case', reason: 'suit', query: 'action:door.*' })
    await perform(server, 'hold', { hold: 'other', reason: 'suit', chunk: 0 })
    await perform(server, 'release', { hold: 'case', reason: 'settled' })
    const { holds } = (await (await server.ask('/v1/lifecycle/holds')).json()) as { holds: unknown[] }
    expect(holds).toMatchObject([
      { name: 'case', scope: { query: 'action:door.*' }, released: { reason: 'settled' } },
      { name: 'other', scope: { chunk: 0 }, reason: 'suit' },
    ])
    expect(holds[1]).not.toHaveProperty('released')
  })

  it('another name than one’s own is refused', async () => {
    await using server = await serve()
    const hold = { hold: 'h', reason: 'r', query: '*' }
    for (const actor of [{ type: 'user', id: 'eve' }, null, 'eve', {}, { type: 'key', id: 'x' }])
      expect(await refusal(await perform(server, 'hold', { ...hold, actor }))).toEqual([
        403,
        'ANNALS_DENIED',
        '/actor',
      ])
    const actor = { type: 'key', id: server.keys.list[0]?.id }
    expect((await perform(server, 'hold', { ...hold, actor })).status).toBe(200)
  })

  it('what is no request, no act, or no JSON is told with its place', async () => {
    await using server = await serve()
    expect(await refusal(await perform(server, 'hold', { hold: 'h' }))).toEqual([
      400,
      'ANNALS_INVALID',
      expect.any(String),
    ])
    expect(await refusal(await perform(server, 'seal', { limt: 3 }))).toEqual([
      400,
      'ANNALS_INVALID',
      '/limt',
    ])
    expect(await refusal(await perform(server, 'seal', []))).toEqual([
      400,
      'ANNALS_INVALID',
      expect.anything(),
    ])
    expect(await refusal(await perform(server, 'nothing', {}))).toEqual([404, 'ANNALS_NOT_FOUND', undefined])
    expect(await refusal(await perform(server, '__proto__', {}))).toEqual([
      404,
      'ANNALS_NOT_FOUND',
      undefined,
    ])
    const text = await server.ask('/v1/lifecycle/seal', {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'text/plain' },
    })
    expect(text.status).toBe(415)
    const none = await server.ask('/v1/lifecycle/seal', { method: 'POST' })
    expect(none.status).toBe(400)
    const broken = await server.ask('/v1/lifecycle/seal', {
      method: 'POST',
      body: '{"a":',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(broken.status).toBe(400)
  })

  it('progress is told as lines, and a failure is one', async () => {
    await using server = await serve()
    await server.trail.record('door.open')
    const asked = { headers: { Accept: 'application/x-ndjson' } }
    const done = await perform(server, 'chunks', {}, asked)
    expect(done.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await done.text())
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.at(-1)).toEqual({ result: [expect.objectContaining({ chunk: 0, state: 'open' })] })
    for (const line of lines.slice(0, -1)) expect(line).toEqual({ progress: expect.anything() })
    const failed = await perform(server, 'release', { hold: 'none', reason: 'r' }, asked)
    expect(failed.status).toBe(200)
    expect(JSON.parse(await failed.text())).toMatchObject({
      problem: { status: 404, code: 'ANNALS_NOT_FOUND' },
    })
    expect((await perform(server, 'release', {}, asked)).status).toBe(400)
  })

  it('whoever goes away does not stop an act', async () => {
    await using server = await serve()
    await server.trail.record('door.open')
    const { hostname, port } = new URL(server.url)
    for (const [nth, accept] of ['application/json', 'application/x-ndjson'].entries()) {
      const body = JSON.stringify({ hold: accept, reason: 'r', query: 'action:door.*' })
      const socket = connect(Number(port), hostname)
      await once(socket, 'connect')
      socket.write(
        [
          'POST /v1/lifecycle/hold HTTP/1.1',
          'Host: annals',
          `Authorization: Bearer ${server.key}`,
          `Accept: ${accept}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      )
      // Gone with the last byte that was sent.
      socket.destroySoon()
      await once(socket, 'close')
      while ((await server.trail.status()).holds <= nth) await setTimeout(5)
    }
  })

  it('the archive is that of the settings, and authorities are those of the settings', async () => {
    const place = mkdtempSync(join(tmpdir(), 'annals-archive-'))
    try {
      await using without = await serve()
      expect(await refusal(await perform(without, 'archive', {}))).toEqual([
        501,
        'ANNALS_UNSUPPORTED',
        undefined,
      ])
      expect(await refusal(await perform(without, 'timestamp', { url: 'http://169.254.169.254/' }))).toEqual([
        403,
        'ANNALS_DENIED',
        '/url',
      ])
      await using server = await serve({ archive: { to: `dir:${place}` } })
      await server.trail.record('door.open')
      expect((await perform(server, 'archive', {})).status).toBe(200)
      const elsewhere = { archive: { kind: 'directory', dir: join(place, 'other') } }
      expect(await refusal(await perform(server, 'archive', elsewhere))).toEqual([
        403,
        'ANNALS_DENIED',
        '/archive',
      ])
      expect(readdirSync(place)).not.toContain('other')
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })

  it('is for those who operate the whole log', async () => {
    await using server = await serve()
    const status = async (key: Parameters<TestServer['token']>[0]): Promise<number> => {
      const token = await server.token(key)
      return (await perform(server, 'chunks', {}, { token })).status
    }
    expect(await status({ role: 'operator' })).toBe(200)
    expect(await status({ role: 'operator', scopes: ['operate'] })).toBe(200)
    expect(await status({ role: 'operator', scopes: ['read'] })).toBe(403)
    expect(await status({ role: 'operator', filter: 'tenant:acme' })).toBe(403)
    expect(await status({ role: 'auditor' })).toBe(403)
    expect((await perform(server, 'chunks', {}, { token: null })).status).toBe(401)
  })
})

describe('evidence', () => {
  const EVIDENCE = '/v1/lifecycle/evidence'

  it('is a bundle that verifies, and leaves nothing behind', async () => {
    await using server = await serve()
    const temporary = (): string[] =>
      readdirSync(tmpdir()).filter(name => name.startsWith('annals-evidence-'))
    const before = temporary()
    await server.trail.recordAll(
      Array.from({ length: 300 }, (_, n) => ({ action: n % 3 ? 'door.open' : 'door.break', data: { n } })),
    )
    await server.trail.flush()
    const response = await perform(server, 'evidence', { query: 'action:door.break', complete: true })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-tar'])
    const out = mkdtempSync(join(tmpdir(), 'annals-bundle-'))
    try {
      writeFileSync(join(out, 'a.tar'), Buffer.from(await response.arrayBuffer()))
      execFileSync('tar', ['-xf', 'a.tar'], { cwd: out })
      rmSync(join(out, 'a.tar'))
      const vkey = readFileSync(join(server.dir, 'vkey'), 'utf8').trim()
      expect(await verifyEvidence(out, { vkey })).toMatchObject({ ok: true, count: 100, findings: [] })
    } finally {
      rmSync(out, { recursive: true, force: true })
    }
    expect((await perform(server, 'evidence', { query: 'outcom:x' })).status).toBe(400)
    expect((await perform(server, 'evidence', { query: '', format: 'zip' })).status).toBe(400)
    expect(temporary().filter(name => !before.includes(name))).toEqual([])
    const [read] = await Array.fromAsync(server.trail.events('action:log.access'))
    expect(read).toMatchObject({ data: { kind: 'export', form: 'evidence', query: 'action:door.break' } })
  })

  it('is for those from whom nothing is withheld', async () => {
    await using server = await serve()
    await server.trail.record('door.open')
    await server.trail.flush()
    const status = async (key: Parameters<TestServer['token']>[0]): Promise<readonly number[]> => {
      const token = await server.token(key)
      const bundle = await perform(server, 'evidence', {}, { token })
      await bundle.arrayBuffer()
      const person = await server.ask('/v1/lifecycle/subjects/user/alice', { token })
      await person.text()
      return [bundle.status, person.status]
    }
    expect(await status({ role: 'operator', scopes: ['export'] })).toEqual([200, 200])
    expect(await status({ role: 'operator', scopes: ['operate'] })).toEqual([403, 403])
    expect(await status({ role: 'operator', filter: 'action:door.open' })).toEqual([403, 403])
    expect(await status({ role: 'auditor' })).toEqual([403, 403])
    expect(await status({ role: 'tenant-admin', tenant: 'a' })).toEqual([403, 403])
    expect((await server.ask(EVIDENCE)).status).toBe(405)
  })
})

it('everything about a person is streamed, with a summary', async () => {
  await using server = await serve()
  const id = 'a/ü %&?#'
  for (const actor of [
    { type: 'user', id },
    { type: 'user', id: 'bob' },
    { type: 'user', id },
  ])
    await server.trail.record('door.open', { actor })
  await server.trail.flush()
  const response = await server.ask(`/v1/lifecycle/subjects/user/${encodeURIComponent(id)}`)
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await response.text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines.filter(line => line.event?.action === 'door.open')).toHaveLength(2)
  expect(lines.at(-1)).toMatchObject({ summary: { person: { type: 'user', id }, byKeys: true } })
  const head = await server.ask('/v1/lifecycle/subjects/user/bob', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})
