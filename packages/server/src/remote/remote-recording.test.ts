import { type AuditEvent, catalog, type Draft, defineEvent, openTrail } from 'annals'
import { hold, seal } from 'annals/lifecycle'
import { openRemote, type RemoteOptions, type RemoteTrail } from 'annals/remote'
import { openMemory } from 'annals/stores/memory'
import { sampleDrafts } from 'annals/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { serve, type TestServer } from '../testing/serve.ts'
import { cuttingProxy } from './cutting-proxy.test-support.ts'

/** Tests run on machines that are busy. */
const PATIENT = { patienceMs: 60_000 }

const open = async (server: TestServer, options: Partial<RemoteOptions> = {}): Promise<RemoteTrail> =>
  (await openRemote({ url: server.url, token: server.key, waiting: PATIENT, ...options })) as RemoteTrail

/** What a log says of an event, without what differs from log to log. */
function facts({ id, index, recordedAt, operation, ...rest }: AuditEvent): object {
  return { ...rest, joined: operation !== id, occurredAt: rest.action === 'a.c' ? '' : rest.occurredAt }
}

describe('annals/remote records', () => {
  it('what an embedded trail records', async () => {
    await using server = await serve()
    await using remote = await open(server)
    await using local = await openTrail({ store: await openMemory() })
    const drafts: Draft[] = [
      ...sampleDrafts({ count: 500, seed: 8 }),
      {
        action: 'a.b',
        actor: { type: '' } as never,
        origin: { ip: 'nowhere' },
        occurredAt: new Date(5),
        data: {},
      },
      { action: 'no action' },
      { action: 'a', data: { n: Number.NaN } },
      { action: 'a.c', id: 'k', data: null },
      { action: 'a.c', id: 'k', data: null },
      { action: 'a.c', id: 'k', data: 1 },
    ]
    const [here, there] = [await local.recordAll(drafts), await remote.recordAll(drafts)]
    for (const [at, answer] of here.entries()) {
      const other = there[at] as typeof answer
      if ('error' in answer && 'error' in other) {
        expect([other.error.code, other.error.path]).toEqual([answer.error.code, answer.error.path])
      } else expect(Object.keys(other)).toEqual(Object.keys(answer))
    }
    const stored = (await Array.fromAsync(server.trail.events())).map(facts)
    for (const [at, event] of (await Array.fromAsync(local.events())).map(facts).entries())
      expect(stored[at]).toEqual(event)
    expect(stored).toHaveLength(502)
  })

  it('single events in their order, in as few requests as they allow', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    await using remote = await openRemote({ url: proxy.url, token: server.key, waiting: PATIENT })
    const recorded = await Promise.all(
      Array.from({ length: 3_000 }, (_, n) => remote.record('a.b', { data: { n } })),
    )
    expect(recorded.map(({ index }) => index)).toEqual(recorded.map((_, n) => (recorded[0]?.index ?? 0) + n))
    const events = await Array.fromAsync(server.trail.events())
    expect(events.map(({ data }) => (data as { n: number }).n)).toEqual(recorded.map((_, n) => n))
    expect(recorded[2_999]).toEqual({ id: events[2_999]?.id, index: events[2_999]?.index, level: 'stored' })
    expect(proxy.connections).toBeLessThan(5)
  })

  it('operations, and what they inherit', async () => {
    await using server = await serve()
    await using remote = await open(server)
    const result = await remote.within({ actor: { type: 'user', id: 'u1' }, tenant: 'acme' }, () =>
      remote.wrap('machine.stop', { targets: [{ type: 'machine', id: 'm1' }] }, async operation => {
        await remote.record('machine.note', { origin: { correlationId: operation.id } })
        return 7
      }),
    )
    expect(result).toBe(7)
    await expect(
      remote.wrap('machine.start', {}, () => {
        throw new TypeError('no such machine')
      }),
    ).rejects.toThrow('no such machine')
    const events = await Array.fromAsync(server.trail.events())
    expect(events.map(event => [event.action, event.phase, event.outcome.result])).toEqual([
      ['machine.stop', 'attempt', 'pending'],
      ['machine.note', 'single', 'success'],
      ['machine.stop', 'outcome', 'success'],
      ['machine.start', 'attempt', 'pending'],
      ['machine.start', 'outcome', 'failure'],
    ])
    expect(events[2]).toMatchObject({ operation: events[0]?.id, tenant: 'acme', actor: { id: 'u1' } })
    expect(events[4]).toMatchObject({ outcome: { code: 'TypeError', message: 'no such machine' } })
  })

  it('checks against the event types of the application, before anything is sent', async () => {
    const stop = defineEvent('machine.stop', {
      data: z.object({ force: z.boolean().default(false) }),
      retention: 'security',
    })
    await using server = await serve()
    await using remote = await openRemote({ url: server.url, token: server.key, catalog: catalog(stop) })
    await remote.record('machine.stop', { data: {} })
    const [stored] = await Array.fromAsync(server.trail.events())
    expect(stored).toMatchObject({ data: { force: false }, retention: 'security' })
    await expect(remote.record('machine.stop', { data: { force: 3 as never } })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/data/force',
    })
    await expect(remote.record('machine.go' as never, {} as never)).rejects.toMatchObject({
      code: 'ANNALS_UNKNOWN_ACTION',
    })
    expect(remote.describe(stored as AuditEvent)).toContain('machine')
  })

  it('with the codes of the server', async () => {
    await using server = await serve()
    const token = await server.token({ role: 'recorder', tenant: 'acme' })
    await using remote = await open(server, { token: async () => token })
    expect(await remote.record('a')).toMatchObject({ level: 'stored' })
    const [refused, taken] = await remote.recordAll([{ action: 'a', tenant: 'umbra' }, { action: 'b' }])
    expect(refused).toMatchObject({ error: { code: 'ANNALS_DENIED', path: '/tenant' } })
    expect(taken).toMatchObject({ level: 'stored' })
    await using stranger = await open(server, { token: 'nonsense' })
    await expect(stranger.record('a')).rejects.toMatchObject({ code: 'ANNALS_UNAUTHENTICATED' })
    await using broken = await open(server, {
      token: () => Promise.reject(new Error('no')),
      waiting: { patienceMs: 50 },
    })
    await expect(broken.record('a')).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    const closed = await open(server)
    await closed.close()
    await expect(closed.record('a')).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    expect(() => remote.record('a', 5 as never)).toThrow(TypeError)
    await expect(openRemote({ url: 'ftp://x', token: 't' })).rejects.toThrow(TypeError)
    await expect(openRemote({ url: 'http://a:b@x', token: 't' })).rejects.toThrow(TypeError)
  })

  it('flush waits until everything is proved', async () => {
    await using server = await serve()
    await using remote = await open(server)
    const recorded = remote.record('a.b')
    await remote.flush()
    const { index } = await recorded
    const note = Buffer.from((await server.trail.checkpoint()) as Uint8Array).toString()
    expect(Number(note.split('\n')[1])).toBeGreaterThan(index)
    await expect(remote.flush({ level: 'witnessed' })).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
  })

  it('acts are performed by the server', async () => {
    await using server = await serve()
    await using remote = await open(server)
    await remote.record('a.b', { targets: [{ type: 'case', id: '1' }] })
    const request = { hold: 'case-1', reason: 'litigation', query: 'target:case/1' }
    expect(await remote.perform(hold, request)).toMatchObject({ hold: 'case-1', index: expect.any(Number) })
    const [entry] = await Array.fromAsync(server.trail.events('action:log.hold'))
    expect(entry).toMatchObject({ actor: { type: 'key' }, data: { reason: 'litigation' } })
    const progress: number[] = []
    await remote.perform(seal, {}, { onProgress: done => progress.push(done) })
    await expect(remote.perform(hold, {} as never)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    await expect(
      remote.perform(hold, { ...request, reason: 'another', query: 'tenant:b' }),
    ).rejects.toMatchObject({
      code: 'ANNALS_CONFLICT',
    })
  })
})

describe('annals/remote when the server is away', () => {
  it('refuses in time, and what was refused is not recorded later', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    await using remote = await openRemote({
      url: proxy.url,
      token: server.key,
      waiting: { patienceMs: 1_500 },
    })
    proxy.mode = 'all'
    const answers = await Promise.allSettled([remote.record('a'), remote.record('b')])
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: { code: 'ANNALS_TIMEOUT', retryable: true },
      })
    proxy.mode = 'open'
    await remote.record('c')
    await remote.flush()
    const actions = (await Array.fromAsync(server.trail.events())).map(
      ({ action, phase }) => `${action} ${phase}`,
    )
    // Whether a request that broke had arrived nobody knows: then its event is denied, and never left standing.
    for (const action of ['a', 'b'])
      expect(actions.includes(`${action} single`)).toBe(actions.includes(`${action} outcome`))
    expect(actions).toContain('c single')
  })

  it('a connection that is refused withdraws the event', async () => {
    const server = await serve()
    await using remote = await open(server, { waiting: { patienceMs: 200 } })
    await server.close()
    await expect(remote.record('a')).rejects.toThrow(/was withdrawn/)
  })

  it('goes on where it was when answers were lost: nothing is missing, nothing twice, in order', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    await using remote = await openRemote({
      url: proxy.url,
      token: server.key,
      waiting: { patienceMs: 60_000 },
    })
    const recorded: Promise<unknown>[] = []
    for (let n = 0; n < 2_000; n += 1) {
      recorded.push(remote.record('a.b', { data: { n } }))
      if (n % 200 === 0) {
        proxy.mode = n % 400 === 0 ? 'answers' : 'all'
        await new Promise(resolve => setTimeout(resolve, 30))
        proxy.mode = 'open'
        proxy.cut()
      }
    }
    const answers = (await Promise.all(recorded)) as { index: number; id: string }[]
    const events = await Array.fromAsync(server.trail.events())
    expect(events.map(({ data }) => (data as { n: number }).n)).toEqual(answers.map((_, n) => n))
    expect(answers.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  })

  it('an event whose caller had stopped waiting is denied', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    await using remote = await openRemote({
      url: proxy.url,
      token: server.key,
      waiting: { patienceMs: 1_500 },
    })
    proxy.mode = 'answers'
    const wanted = remote.begin('machine.stop', { targets: [{ type: 'machine', id: 'm1' }], tenant: 'acme' })
    await expect(wanted).rejects.toThrow(/ANNALS_NOT_AWAITED follows/)
    proxy.mode = 'open'
    await remote.record('later')
    while ((await server.trail.count('action:machine.stop phase:outcome')).total === 0)
      await remote.record('later')
    const [attempt, ...rest] = await Array.fromAsync(server.trail.events('action:machine.stop'))
    expect(attempt).toMatchObject({ phase: 'attempt' })
    expect(rest).toMatchObject([
      {
        phase: 'outcome',
        operation: attempt?.id,
        outcome: { result: 'denied', code: 'ANNALS_NOT_AWAITED' },
        targets: [{ id: 'm1' }],
        tenant: 'acme',
      },
    ])
  })

  it('a server that is silent is given up', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    proxy.mode = 'silent'
    await using remote = await openRemote({
      url: proxy.url,
      token: server.key,
      waiting: { patienceMs: 1_500 },
    })
    await expect(remote.record('a')).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    proxy.mode = 'open'
    proxy.cut()
    expect(await remote.record('b')).toMatchObject({ level: 'stored' })
  })

  it('waits for no more than its bound', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    proxy.mode = 'silent'
    await using remote = await openRemote({
      url: proxy.url,
      token: server.key,
      waiting: { outstanding: 10, patienceMs: 200 },
    })
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => remote.record('a')))
    expect(answers.slice(10)).toMatchObject([
      { reason: { code: 'ANNALS_OVERLOADED' } },
      { reason: { code: 'ANNALS_OVERLOADED' } },
    ])
    expect(answers.slice(0, 10).every(answer => answer.status === 'rejected')).toBe(true)
  })
})
