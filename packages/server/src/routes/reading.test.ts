import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from 'annals/model'
import { describe, expect, it, type TestContext } from 'vitest'
import { startServer } from '../start-server.ts'
import { RpcClient } from '../testing/rpc-client.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { SseClient } from '../testing/sse-client.ts'

async function readings(server: TestServer): Promise<readonly AuditEvent[]> {
  return (await server.trail.find('action:log.access', { order: 'asc', limit: 1_000 })).events
}

/** A file system of a few megabytes; skips the test where none can be mounted. */
function smallDisk({ skip, onTestFinished }: TestContext): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    skip('mounting a small disk needs root on Linux')
  const dir = mkdtempSync(join(tmpdir(), 'annals-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', dir], { stdio: 'pipe' })
  } catch {
    rmSync(dir, { recursive: true })
    skip('tmpfs cannot be mounted here')
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir])
    rmSync(dir, { recursive: true, force: true })
  })
  return dir
}

describe('T41: reading is recorded', () => {
  it('once a minute for one question of one reader, with who and from where', async () => {
    await using server = await serve()
    await server.trail.record('x', { tenant: 'acme' })
    const admin = await server.token({ role: 'tenant-admin', tenant: 'acme' })
    for (let nth = 0; nth < 3; nth++) {
      await server.ask('/v1/events?query=action:x', { token: admin, headers: { 'User-Agent': 'curl/8' } })
      await server.ask('/v1/events?query=action:x&limit=1', { token: admin })
    }
    await server.ask('/v1/events?query=action:x')
    await server.ask('/v1/events?query=action:y')
    await using client = await RpcClient.open(server.url, admin)
    await client.call('events.get', { query: 'action:x' })
    const seen = await readings(server)
    expect(seen.map(({ actor, data }) => [actor.name, (data as { query: string }).query])).toEqual([
      ['test', 'action:x'],
      ['administrator', 'action:x'],
      ['administrator', 'action:y'],
    ])
    expect(seen[0]).toMatchObject({
      actor: { type: 'key' },
      origin: { ip: '127.0.0.1', userAgent: 'curl/8', requestId: expect.any(String) },
      data: { kind: 'list' },
    })
  })

  it('each time, when events are taken away', async () => {
    await using server = await serve()
    await server.trail.record('x', { actor: { type: 'user', id: 'alice' } })
    for (let nth = 0; nth < 3; nth++)
      expect(await (await server.ask('/v1/export?query=action:x')).text()).toContain('alice')
    const alice = await server.token({ role: 'user', subject: { type: 'user', id: 'alice' } })
    expect(await (await server.ask('/v1/export', { token: alice })).text()).toContain('alice')
    const taken = { kind: 'export', query: 'action:x', format: 'ndjson', asOf: expect.any(Number) }
    expect((await readings(server)).map(({ data }) => data)).toEqual([taken, taken, taken])
  })

  it('is not, of what somebody did themselves', async () => {
    await using server = await serve()
    await server.trail.record('x', { actor: { type: 'user', id: 'alice' } })
    const alice = await server.token({ role: 'user', subject: { type: 'user', id: 'alice' } })
    const { events } = (await (await server.ask('/v1/events', { token: alice })).json()) as { events: [] }
    expect(events).toHaveLength(1)
    await using stream = await SseClient.open(`${server.url}/v1/events/stream`, alice)
    await stream.events(1)
    expect(await readings(server)).toEqual([])
  })

  it('does not loop: not by asking again for the record of reading, not by watching it', async () => {
    await using server = await serve()
    for (let nth = 0; nth < 5; nth++) await server.ask('/v1/events?query=action:log.access')
    expect(await readings(server)).toHaveLength(1)
    const from = server.trail.size
    await using stream = await SseClient.open(
      `${server.url}/v1/events/stream?query=action:log.*&seek=${from}`,
      server.key,
    )
    await using client = await RpcClient.open(server.url, server.key)
    const { subscription } = await client.call('events.subscribe', { query: 'action:log.*', seek: from })
    await server.ask('/v1/events?query=action:x')
    await server.token({ role: 'recorder' })
    const expected = [
      ['log.access', 'stream', 'action:log.*'],
      ['log.access', 'list', 'action:x'],
      ['log.token', undefined, undefined],
    ]
    const facts = (events: readonly AuditEvent[]): readonly unknown[] =>
      events.map(({ action, data }) => {
        const { kind, query } = data as { kind?: string; query?: string }
        return [action, kind, query]
      })
    expect(facts(await stream.events(3))).toEqual(expected)
    expect(facts(await client.events(subscription, 3))).toEqual(expected)
    expect(server.trail.size).toBe(from + 3)
  })

  it('or nothing is taken away: without a record there is no export, and no new token', async context => {
    const disk = smallDisk(context)
    const dir = join(disk, 'log')
    await using server = await startedIn(dir)
    const { trail, key, url } = server
    await trail.record('x', { data: { secret: 'canary' } })
    const ask = (path: string, body?: object): Promise<Response> =>
      fetch(new URL(path, url), {
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
    const { bavail, bsize } = statfsSync(disk)
    try {
      writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize))
    } catch {
      // The log has taken some meanwhile: then this is all there was.
    }
    for (let full = false; !full; ) {
      const filler = { data: { filler: 'x'.repeat(50_000) } }
      full = await trail.record('fill', filler).then(
        () => false,
        () => true,
      )
    }
    for (const [path, body] of TAKING) {
      const refused = await ask(path, body)
      expect(refused.status, path).toBeGreaterThanOrEqual(500)
      expect(await refused.text()).not.toContain('canary')
    }
    const listed = await ask('/v1/events?query=action:x')
    expect(listed.status).toBe(200)
    expect(await listed.text()).toContain('canary')
    rmSync(join(disk, 'ballast'))
  })
})

/** What is refused when it cannot be recorded. */
const TAKING: readonly (readonly [path: string, body?: object])[] = [
  ['/v1/export?query=action:x'],
  ['/v1/export?query=action:x&format=csv'],
  ['/v1/lifecycle/evidence', { query: 'action:x' }],
  ['/v1/lifecycle/subjects/user/alice'],
  ['/v1/tokens', { name: 'x', role: 'operator' }],
  ['/v1/viewer-tokens', {}],
]

async function startedIn(dir: string): Promise<Awaited<ReturnType<typeof startServer>> & AsyncDisposable> {
  const server = await startServer({ dir, port: 0, log: { level: 'silent' } })
  return { ...server, [Symbol.asyncDispose]: () => server.close() }
}
