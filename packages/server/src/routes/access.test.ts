import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEvent } from 'annals/model'
import { describe, expect, it } from 'vitest'
import { startIssuer } from '../testing/issuer.ts'
import { type Answer, json, post } from '../testing/json.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { SseClient } from '../testing/sse-client.ts'

async function changes(server: TestServer): Promise<readonly AuditEvent[]> {
  const { events } = await server.trail.find('action:log.token', { order: 'asc', limit: 100 })
  return events
}

describe('API keys over the API', () => {
  it('are made, listed and ended by who operates; the token is answered once', async () => {
    await using server = await serve()
    const made = await post(server, '/v1/tokens', { name: 'ci', role: 'tenant-admin', tenant: 'acme' })
    expect(made.status).toBe(201)
    expect(made.headers.get('cache-control')).toBe('no-store')
    const { token, key } = (await json(made)) as { token: string; key: { id: string } }
    expect(key).toMatchObject({ name: 'ci', role: 'tenant-admin', scopes: ['read', 'export', 'verify'] })
    expect((await server.ask('/v1/events', { token })).status).toBe(200)
    const listed = await (await server.ask('/v1/tokens')).text()
    expect(JSON.parse(listed)).toMatchObject({
      tokens: [{ name: 'administrator' }, { name: 'ci', tenant: 'acme', lastUsedAt: expect.any(String) }],
    })
    expect(listed).not.toContain('hash')
    expect(listed).not.toContain(secretOf(token))
    const ended = await server.ask(`/v1/tokens/${key.id}`, { method: 'DELETE' })
    expect(await json(ended)).toMatchObject({ key: { id: key.id, revokedAt: expect.any(String) } })
    expect((await server.ask('/v1/events', { token })).status).toBe(401)
    const records = await changes(server)
    expect(records.map(({ data, actor }) => [(data as Answer)['change'], actor.type])).toEqual([
      ['create', 'system'],
      ['create', 'key'],
      ['revoke', 'key'],
    ])
    expect(records[1]).toMatchObject({
      actor: { type: 'key', name: 'administrator' },
      origin: { ip: '127.0.0.1', requestId: made.headers.get('x-request-id') },
    })
    for (const secret of [secretOf(token), secretOf(server.key), '"hash"'])
      expect(JSON.stringify(records)).not.toContain(secret)
    for (const file of ['access.json', 'server-secret'])
      expect(statSync(join(server.dir, file)).mode & 0o777).toBe(0o600)
  })

  it('are refused with a place and a reason, and to everyone else', async () => {
    await using server = await serve()
    for (const [body, path] of [
      [{ name: 'x', role: 'root' }, '/role'],
      [{ name: 'x', role: 'owner' }, '/project'],
      [{ name: 'x', role: 'auditor' }, '/expiresAt'],
      [{ name: 'x', role: 'operator', admin: true }, '/admin'],
      [{ name: 'x', role: 'operator', hash: 'a'.repeat(64) }, '/hash'],
    ] as const) {
      const answer = await post(server, '/v1/tokens', body)
      expect([answer.status, (await json(answer))['path']]).toEqual([400, path])
    }
    expect(
      await json(await post(server, '/v1/tokens', { name: 'x', role: 'operator', filter: 'a:(' })),
    ).toMatchObject({
      code: 'ANNALS_QUERY',
    })
    const others = [
      await server.token({ role: 'tenant-admin', tenant: 'acme' }),
      await server.token({ role: 'operator', tenant: 'acme' }),
      await server.token({ role: 'operator', scopes: ['read', 'record', 'export', 'verify'] }),
      await server.token({ role: 'auditor' }),
    ]
    for (const token of others) {
      expect((await post(server, '/v1/tokens', { name: 'x', role: 'operator' }, token)).status).toBe(403)
      expect((await server.ask('/v1/tokens', { token })).status).toBe(403)
      expect((await server.ask('/v1/tokens/0123456789abcdef', { token, method: 'DELETE' })).status).toBe(403)
    }
    const operate = await server.token({ role: 'operator', scopes: ['operate'] })
    const more = await post(server, '/v1/tokens', { name: 'x', role: 'auditor', expiresAt: soon() }, operate)
    expect(await json(more)).toMatchObject({ status: 403, code: 'ANNALS_DENIED' })
    expect((await server.ask('/v1/tokens/0123456789abcdef', { method: 'DELETE' })).status).toBe(404)
    expect((await server.ask('/v1/tokens/administrator', { method: 'DELETE' })).status).toBe(400)
  })
})

describe('whoami', () => {
  it('tells everyone who is signed in what they have, and nobody else', async () => {
    await using server = await serve()
    expect(await json(await server.ask('/v1/whoami'))).toMatchObject({
      name: 'administrator',
      role: 'operator',
      permissions: ['record', 'read', 'tail', 'export', 'verify', 'operate', 'mint'],
      filter: '',
      level: 'operator',
      masks: [],
    })
    const expiresAt = soon()
    const token = await server.token({
      role: 'owner',
      tenant: 'acme',
      project: 'web',
      subject: { type: 'user', id: 'ann' },
      expiresAt,
    })
    expect(await json(await server.ask('/v1/whoami', { token }))).toEqual({
      name: 'test',
      actor: { type: 'key', id: expect.any(String) },
      role: 'owner',
      permissions: ['read', 'tail', 'export', 'mint'],
      filter: '(project=web OR actor:me OR target:me) tenant=acme',
      level: 'owner',
      masks: [{ paths: expect.arrayContaining(['/origin/ip']), unless: 'actor:me -is:impersonated' }],
      me: { type: 'user', id: 'ann' },
      tenant: 'acme',
      project: 'web',
      expiresAt,
    })
    const recorder = await server.token({ role: 'recorder' })
    expect((await server.ask('/v1/whoami', { token: recorder })).status).toBe(200)
    expect((await server.ask('/v1/whoami', { token: null })).status).toBe(401)
    expect((await server.ask('/v1/whoami', { token: 'annals_nonsense' })).status).toBe(401)
  })
})

describe('a key that only verifies', () => {
  it('proves, and reads no event: neither as such nor in a receipt', async () => {
    await using server = await serve()
    await server.trail.record('x', { data: { secret: 'canary' } })
    const token = await server.token({ role: 'operator', scopes: ['verify'] })
    const { events } = (await json(await server.ask('/v1/events'))) as { events: AuditEvent[] }
    const path = `/v1/events/${events[0]?.id}/receipt`
    expect((await server.ask(path, { token })).status).toBe(200)
    for (const disclose of ['all', 'what', 'who,what']) {
      const refused = await server.ask(`${path}?disclose=${disclose}`, { token })
      expect(await json(refused)).toMatchObject({ status: 403, code: 'ANNALS_DENIED', path: 'disclose' })
    }
    expect((await server.ask('/v1/events', { token })).status).toBe(403)
    expect((await server.ask('/v1/export', { token })).status).toBe(403)
  })
})

describe('T40: rights that are lost', () => {
  it('are lost at once: for open streams, and for the page that comes next', async () => {
    await using server = await serve()
    for (let n = 0; n < 5; n++) await server.trail.record('x', { data: { n } })
    const { token, key } = (await json(
      await post(server, '/v1/tokens', { name: 'reader', role: 'auditor', expiresAt: soon() }),
    )) as { token: string; key: { id: string } }
    const page = await json(await server.ask('/v1/events?limit=2', { token }))
    const stream = await SseClient.open(`${server.url}/v1/events/stream?query=action:x`, token)
    await stream.events(5)
    await server.ask(`/v1/tokens/${key.id}`, { method: 'DELETE' })
    await server.trail.record('x', { data: { secret: 'after' } })
    const rest = await stream.rest()
    expect(JSON.stringify(rest)).not.toContain('after')
    expect(rest.end).toMatchObject({ reason: 'revoked' })
    const next = await server.ask(`/v1/events?limit=2&cursor=${String(page['next'])}`, { token })
    expect(next.status).toBe(401)
  })

  it('end with the time they were given for', async () => {
    await using issuer = await startIssuer()
    await using server = await serve({
      oidc: [{ issuer: issuer.url, audience: 'annals', roleMap: { staff: 'user' }, allowHttp: true }],
    })
    const { key, token } = await server.keys.create({
      name: 'brief',
      role: 'auditor',
      expiresAt: new Date(Date.now() + 1_500).toISOString(),
    })
    const stream = await SseClient.open(`${server.url}/v1/events/stream`, token)
    await stream.named('ready')
    expect((await stream.rest()).end).toMatchObject({ reason: 'expired' })
    expect((await server.ask('/v1/events', { token })).status).toBe(401)
    expect(key.revokedAt).toBeUndefined()
    // 29 seconds ago is within the tolerance of clocks.
    const late = await issuer.sign({ aud: 'annals', role: 'staff', exp: Math.floor(Date.now() / 1000) - 28 })
    const signedIn = await SseClient.open(`${server.url}/v1/events/stream`, late)
    await signedIn.named('ready')
    expect((await signedIn.rest()).end).toMatchObject({ reason: 'expired' })
  })
})

describe('tokens of an issuer over the API', () => {
  it('sign people in, and are refused with what is wrong with them', async () => {
    await using issuer = await startIssuer()
    await using server = await serve({
      oidc: [
        {
          issuer: issuer.url,
          audience: 'annals',
          claims: { role: '/realm/roles', tenant: 'org' },
          roleMap: { admin: 'tenant-admin', staff: 'user' },
          allowHttp: true,
        },
      ],
    })
    await server.trail.record('x', { tenant: 'acme', actor: { type: 'user', id: 'alice' } })
    await server.trail.record('x', { tenant: 'acme', actor: { type: 'user', id: 'bob' } })
    await server.trail.record('x', { tenant: 'umbra', actor: { type: 'user', id: 'alice' } })
    const claims = { aud: 'annals', org: 'acme', realm: { roles: ['offline', 'staff'] } }
    const token = await issuer.sign({ ...claims, name: 'Alice' })
    expect(await json(await server.ask('/v1/whoami', { token }))).toMatchObject({
      name: 'Alice',
      actor: { type: 'user', id: 'alice' },
      role: 'user',
      tenant: 'acme',
    })
    const { events } = (await json(await server.ask('/v1/events', { token }))) as { events: AuditEvent[] }
    expect(events.map(event => [event.tenant, event.actor.id])).toEqual([['acme', 'alice']])
    for (const [wrong, status, told] of [
      [{ realm: { roles: ['root'] } }, 403, /roleMap/],
      [{ org: undefined }, 403, /no claim .*org/],
      [{ aud: 'other' }, 401, /audience/],
      [{ exp: 1 }, 401, /expired/],
      [{ iss: 'https://other.example' }, 401, /revoked, or be one of another server/],
    ] as const) {
      const answer = await server.ask('/v1/events', { token: await issuer.sign({ ...claims, ...wrong }) })
      const text = await answer.text()
      expect([answer.status, text]).toEqual([status, expect.stringMatching(told)])
      expect(text).not.toContain(issuer.url)
    }
    issuer.answer = 'badly'
    await issuer.rotate()
    const forged = await issuer.sign(claims)
    expect((await server.ask('/v1/events', { token: forged })).status).toBe(401)
  })
})

function soon(): string {
  return new Date(Date.now() + 3_600_000).toISOString()
}

/** The part of a key that nobody else may know; it may hold an underscore itself. */
function secretOf(token: string): string {
  return token.slice('annals_0123456789abcdef_'.length)
}
