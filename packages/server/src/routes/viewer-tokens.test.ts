import type { AuditEvent } from 'annals/model'
import { describe, expect, it } from 'vitest'
import { type Answer, json, post } from '../testing/json.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { SseClient } from '../testing/sse-client.ts'

async function changes(server: TestServer): Promise<readonly AuditEvent[]> {
  const { events } = await server.trail.find('action:log.token', { order: 'asc', limit: 100 })
  return events
}

describe('viewer tokens over the API', () => {
  it('are made by a key, show what its maker sees and the filter lets through, and end with it', async () => {
    await using server = await serve()
    const record = (project: string, ip: string): Promise<unknown> =>
      server.trail.record('x', {
        tenant: 'acme',
        project,
        actor: { type: 'user', id: 'bob' },
        origin: { ip },
      })
    await record('web', '10.0.0.1')
    await record('api', '10.0.0.2')
    await server.trail.record('x', { tenant: 'umbra', project: 'web' })
    const { token: key, key: made } = (await json(
      await post(server, '/v1/tokens', { name: 'backend', role: 'tenant-admin', tenant: 'acme' }),
    )) as { token: string; key: { id: string } }
    const minted = await post(
      server,
      '/v1/viewer-tokens',
      { filter: 'project:web', masks: ['/origin/ip'], me: { type: 'user', id: 'bob' }, ttlSeconds: 60 },
      key,
    )
    expect(minted.status).toBe(201)
    const { token, expiresAt } = (await json(minted)) as { token: string; expiresAt: string }
    expect(await json(await server.ask('/v1/whoami', { token }))).toMatchObject({
      actor: { type: 'user', id: 'bob' },
      role: 'viewer',
      permissions: ['read', 'tail'],
      filter: 'project:web',
      masks: [{ paths: ['/origin/ip'] }],
      expiresAt,
    })
    for (const query of [
      '',
      '*',
      'tenant:umbra OR *',
      'project:api',
      'ip:10.0.0.2',
      'id:*',
      'action:log.*',
    ]) {
      const answer = await server.ask(`/v1/events?query=${encodeURIComponent(query)}`, { token })
      const text = await answer.text()
      const expected =
        query === 'project:api' || query.startsWith('ip:') || query.startsWith('action:') ? 0 : 1
      expect((JSON.parse(text) as { events: [] }).events, query).toHaveLength(expected)
      expect(text).not.toMatch(/10\.0\.0|umbra|"api"/)
    }
    expect((await post(server, '/v1/viewer-tokens', {}, token)).status).toBe(403)
    const stream = await SseClient.open(`${server.url}/v1/events/stream?query=action:x`, token)
    await stream.events(1)
    await server.ask(`/v1/tokens/${made.id}`, { method: 'DELETE' })
    const { events, end } = await stream.rest()
    expect([events, end]).toMatchObject([[], { reason: 'revoked' }])
    expect((await server.ask('/v1/events', { token })).status).toBe(401)
    expect((await server.ask('/v1/events', { token: key })).status).toBe(401)
  })

  it('are refused for more than the maker has, with its place', async () => {
    await using server = await serve()
    const owner = await server.token({ role: 'owner', project: 'web' })
    for (const [body, status, path] of [
      [{ level: 'operator' }, 403, '/level'],
      [{ permissions: ['mint'] }, 400, '/permissions/0'],
      [{ ttlSeconds: 901 }, 400, '/ttlSeconds'],
      [{ masks: ['/index'] }, 400, '/masks/0/paths/0'],
      [{ scope: {} }, 400, '/scope'],
    ] as const) {
      const answer = await post(server, '/v1/viewer-tokens', body, owner)
      expect([answer.status, (await json(answer))['path']], JSON.stringify(body)).toEqual([status, path])
    }
    const maintainer = await server.token({ role: 'maintainer', project: 'web' })
    expect((await post(server, '/v1/viewer-tokens', {}, maintainer)).status).toBe(403)
    const limited = await server.token({ role: 'owner', project: 'web', scopes: ['read'] })
    expect(
      await json(await post(server, '/v1/viewer-tokens', { permissions: ['export'] }, limited)),
    ).toMatchObject({
      code: 'ANNALS_DENIED',
      path: '/permissions',
    })
  })

  it('are ended for somebody, and with them their streams', async () => {
    await using server = await serve()
    const mint = async (id: string): Promise<string> =>
      (
        (await json(await post(server, '/v1/viewer-tokens', { me: { type: 'user', id } }))) as {
          token: string
        }
      ).token
    const [bob, eve] = [await mint('bob/1'), await mint('eve')]
    const stream = await SseClient.open(`${server.url}/v1/events/stream`, bob)
    await stream.named('ready')
    const ended = await server.ask('/v1/viewer-tokens/by-subject/user/bob%2F1', { method: 'DELETE' })
    expect(await json(ended)).toMatchObject({ revokedBefore: expect.any(String) })
    expect((await stream.rest()).end).toMatchObject({ reason: 'revoked' })
    expect((await server.ask('/v1/events', { token: bob })).status).toBe(401)
    expect((await server.ask('/v1/events', { token: eve })).status).toBe(200)
    expect((await changes(server)).map(({ data }) => (data as Answer)['change'])).toEqual([
      'create',
      'mint',
      'mint',
      'revoke-subject',
    ])
  })
})
