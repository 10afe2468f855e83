import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type AuditEvent, catalog, defineEvent, openTrail, verifyReceipt } from 'annals'
import { openRemote, type RemoteTrail } from 'annals/remote'
import { sampleDrafts } from 'annals/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../start-server.ts'
import { serve, type TestServer } from '../testing/serve.ts'
import { cuttingProxy } from './cutting-proxy.test-support.ts'

const open = (server: TestServer, token = server.key): Promise<RemoteTrail> =>
  openRemote({ url: server.url, token }) as Promise<RemoteTrail>

describe('annals/remote reads', () => {
  let server: TestServer
  let remote: RemoteTrail
  beforeAll(async () => {
    server = await serve()
    await server.trail.recordAll([...sampleDrafts({ count: 2_300, seed: 21 })])
    remote = await open(server)
  })
  afterAll(async () => {
    await remote.close()
    await server[Symbol.asyncDispose]()
  })

  it('pages, both ways, as the trail gives them', async () => {
    for (const query of ['', 'outcome:failure', 'topic:machine -outcome:success', 'nothing-has-this-word']) {
      for (const order of ['asc', 'desc'] as const) {
        const [here, there] = await Promise.all([
          server.trail.find(query, { order, limit: 7 }),
          remote.find(query, { order, limit: 7 }),
        ])
        expect(there.events).toEqual(here.events)
        expect(Object.keys(there).sort()).toEqual(Object.keys(here).sort())
        if (there.next === undefined) continue
        const second = await remote.find(query, { order, limit: 7, cursor: there.next })
        const first = await remote.find(query, { order, limit: 7, cursor: second.previous })
        expect(first.events).toEqual(here.events)
      }
    }
    const at = new Date(Date.parse((await server.trail.get(900))?.occurredAt as string))
    expect((await remote.find('', { at, limit: 3, order: 'asc' })).events).toEqual(
      (await server.trail.find('', { at, limit: 3, order: 'asc' })).events,
    )
    expect(remote.size).toBeGreaterThan(2_300)
  })

  it('everything, in either order, with bounds of every kind', async () => {
    const all = await Array.fromAsync(server.trail.events())
    expect(await Array.fromAsync(remote.events())).toEqual(all)
    expect(await Array.fromAsync(remote.events('', { order: 'desc' }))).toEqual(all.toReversed())
    const [seek, seekEnd] = [all[100] as AuditEvent, all[1_900] as AuditEvent]
    for (const options of [
      { seek: seek.id, seekEnd: seekEnd.index },
      { seek: seek.index, seekEnd: seekEnd.id, limit: 1_500 },
      { seek: new Date(0), seekEnd: new Date(8.64e13), limit: 3 },
      { limit: 0 },
    ])
      expect(await Array.fromAsync(remote.events('', options))).toEqual(
        await Array.fromAsync(server.trail.events('', options)),
      )
    expect(await Array.fromAsync(remote.events('action:log.open', { includeLog: true }))).toHaveLength(1)
    const stream = remote.events('outcome:failure').toStream()
    expect(await Array.fromAsync(stream)).toEqual(
      await Array.fromAsync(server.trail.events('outcome:failure')),
    )
  })

  it('counts, single events and the catalog', async () => {
    expect(await remote.count('outcome:failure', ['action', 'hour'])).toEqual(
      await server.trail.count('outcome:failure', ['action', 'hour']),
    )
    expect(await remote.count()).toEqual(await server.trail.count())
    const event = (await server.trail.get(700)) as AuditEvent
    expect(await remote.get(700)).toEqual(event)
    expect(await remote.get(event.id)).toEqual(event)
    expect(await remote.get(1_000_000)).toBeUndefined()
    expect(await remote.get('no such id')).toBeUndefined()
    expect(await remote.catalog()).toEqual(await server.trail.catalog())
    await expect(remote.count('', [{ edges: [0, 1] }])).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
  })

  it('proofs, which are checked here', async () => {
    const receipt = await remote.receipt(700, { disclose: 'all' })
    const [first] = await Array.fromAsync(server.trail.events('action:log.open'))
    const { vkey } = (first as AuditEvent).data as { vkey: string }
    expect(await verifyReceipt(receipt, { vkey })).toMatchObject({ ok: true })
    expect(await remote.checkpoint()).toEqual(
      Uint8Array.from((await server.trail.checkpoint()) as Uint8Array),
    )
    await expect(remote.verify()).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
    await expect(remote.receipt(10_000_000)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  })

  it('metrics, now and as they change', async () => {
    const window = { topic: 'watched', per: 'minute' } as const
    expect(await remote.metric('operations', { topic: 'machine' })).toEqual(
      await server.trail.metric('operations', { topic: 'machine' }),
    )
    await expect(remote.metric('nonsense' as never)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    const totals: number[] = []
    for await (const { value } of remote.metrics('operations', { topic: window.topic }, { everyMs: 50 })) {
      totals.push((value as { total: number }).total)
      if (totals.length === 3) break
      await server.trail.record('watched.a')
    }
    expect(totals).toEqual([0, 1, 2])
  })

  it('refusals have the codes and places of the trail', async () => {
    expect(() => remote.events('outcome:')).toThrow(expect.objectContaining({ code: 'ANNALS_QUERY' }))
    expect(() => remote.events('', { order: 'up' as never })).toThrow(TypeError)
    expect(() => remote.events('', { order: 'desc', follow: true })).toThrow(TypeError)
    expect(() => remote.events('', { limit: -1 })).toThrow(TypeError)
    await expect(remote.find('outcome:')).rejects.toMatchObject({
      code: 'ANNALS_QUERY',
      position: expect.any(Array),
    })
    await expect(remote.find('', { cursor: 'damaged' })).rejects.toMatchObject({ code: 'ANNALS_CURSOR' })
    await expect(remote.find('', { seek: 'nonsense' })).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    const id = '01a21548-8b58-7000-a7de-b80ebb108cb3'
    await expect(remote.events('', { seek: id })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
    const recorder = await open(server, await server.token({ role: 'recorder' }))
    await expect(recorder.find()).rejects.toMatchObject({ code: 'ANNALS_DENIED' })
    await recorder.close()
    await expect(recorder.find()).rejects.toMatchObject({ code: 'ANNALS_STORE' })
  })

  it('describes events by the types of the log', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'annals-described-'))
    try {
      const type = defineEvent('machine.stop', { describe: '{actor} put {target} to sleep' })
      const seeded = await openTrail({ dir, catalog: catalog(type) })
      await seeded.record('machine.stop', {
        actor: { type: 'user', id: 'u1', name: 'Ann' },
        targets: [{ type: 'machine', id: 'm1' }],
      })
      await seeded.close()
      const described = await startServer({ dir, port: 0, log: { level: 'silent' } })
      const reader = await openRemote({ url: described.url, token: described.key as string })
      const [event] = await Array.fromAsync(reader.events())
      expect(reader.describe(event as AuditEvent)).toBe(described.trail.describe(event as AuditEvent))
      expect(reader.describe(event as AuditEvent)).toContain('to sleep')
      await reader.close()
      await described.close()
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

describe('annals/remote follows', () => {
  it('replays, then goes on, over connections that break: nothing is missing, nothing comes twice', async () => {
    await using server = await serve({ live: { heartbeatSeconds: 0.2 } })
    await using proxy = await cuttingProxy(server.url)
    await using remote = await openRemote({ url: proxy.url, token: server.key })
    let n = 0
    const record = async (count: number): Promise<void> => {
      const drafts = Array.from({ length: count }, () => ({ action: 'a.b', data: { n: n++ } }))
      await server.trail.recordAll(drafts)
      await server.trail.record('other')
    }
    await record(300)
    const seen: number[] = []
    const stop = new AbortController()
    const following = (async () => {
      for await (const { data } of remote.events('action:a.b', { follow: true, signal: stop.signal }))
        seen.push((data as { n: number }).n)
    })()
    for (let nth = 0; nth < 8; nth += 1) {
      await delay(100)
      if (nth % 2 === 0) proxy.cut()
      if (nth === 5) {
        proxy.mode = 'all'
        proxy.cut()
        await record(20)
        await delay(200)
        proxy.mode = 'open'
      }
      await record(50)
    }
    while (seen.length < n) await delay(10)
    stop.abort()
    await following
    expect(seen).toEqual(Array.from({ length: n }, (_, at) => at))
  })

  it('ends by its limits, and at once when it is ended', async () => {
    await using server = await serve()
    await using remote = await open(server)
    await server.trail.recordAll([{ action: 'a' }, { action: 'a' }, { action: 'a' }])
    await remote.find()
    const before = server.trail.listeners
    const some = await Array.fromAsync(remote.events('action:a', { follow: true, limit: 2 }))
    expect(some).toHaveLength(2)
    expect(await Array.fromAsync(remote.events('', { follow: true, limit: 0 }))).toEqual([])
    const past = remote.events('action:a', { follow: true, seekEnd: new Date(Date.now() - 1) })
    expect((await Array.fromAsync(past)).length).toBeLessThanOrEqual(3)
    const reading = remote.events('action:b', { follow: true })[Symbol.asyncIterator]()
    const waiting = reading.next()
    await delay(50)
    await reading.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    const open2 = remote.events('action:b', { follow: true })[Symbol.asyncIterator]().next()
    await delay(50)
    await remote.close()
    expect(await open2).toEqual({ done: true, value: undefined })
    while (server.trail.listeners > before) await delay(10)
  })

  it('throws what the server refuses', async () => {
    await using server = await serve()
    const { token, key } = await server.keys.create({ name: 'owner', role: 'owner', project: 'p' })
    await using remote = await open(server, token)
    await server.trail.record('a', { project: 'p' })
    const reading = remote.events('', { follow: true })[Symbol.asyncIterator]()
    expect((await reading.next()).value).toMatchObject({ action: 'a' })
    const next = reading.next()
    await server.ask(`/v1/tokens/${key.id}`, { method: 'DELETE' })
    await expect(next).rejects.toMatchObject({ code: 'ANNALS_UNAUTHENTICATED' })
    await using recorder = await open(server, await server.token({ role: 'recorder' }))
    await expect(recorder.events('', { follow: true })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'ANNALS_DENIED',
    })
  })
})
