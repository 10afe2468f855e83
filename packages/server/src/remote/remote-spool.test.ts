import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRemote, type RemoteTrail } from 'annals/remote'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'
import { type CuttingProxy, cuttingProxy } from './cutting-proxy.test-support.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'annals-spool-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const PATIENT = { patienceMs: 60_000 }
const settled = (remote: RemoteTrail): Promise<void> => remote.flush()
const numbers = async (server: TestServer): Promise<number[]> =>
  (await Array.fromAsync(server.trail.events())).map(({ data }) => (data as { n: number }).n)
const files = (): string[] => readdirSync(dir).filter(name => name.endsWith('.ndjson'))

async function openSpooling(
  proxy: CuttingProxy,
  server: TestServer,
  more: object = {},
): Promise<{ readonly remote: RemoteTrail; readonly errors: Error[] }> {
  const errors: Error[] = []
  const onError = (error: Error): number => errors.push(error)
  const remote = await openRemote({
    url: proxy.url,
    token: server.key,
    spool: dir,
    waiting: PATIENT,
    onError,
    ...more,
  })
  return { remote, errors }
}

describe('annals/remote with a spool', () => {
  it('keeps events while the server is away, and sends them in order and once', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const { remote, errors } = await openSpooling(proxy, server)
    await using _ = remote
    expect(await remote.record('a', { data: { n: 0 } })).toMatchObject({
      level: 'stored',
      index: expect.any(Number),
    })
    proxy.mode = 'all'
    proxy.cut()
    const answers = await Promise.all(
      Array.from({ length: 2_500 }, (_, n) => remote.record('a', { data: { n: n + 1 } })),
    )
    for (const answer of answers) {
      expect(answer).toMatchObject({ index: -1, level: 'queued', spooled: true })
      expect(answer.id).not.toBe('')
    }
    expect(remote.spooledBytes).toBeGreaterThan(2_500 * 20)
    expect(statSync(join(dir, files()[0] as string)).mode & 0o077, 'only its owner reads it').toBe(0)
    expect(errors[0]).toMatchObject({ code: 'ANNALS_STORE' })
    proxy.mode = 'open'
    await settled(remote)
    expect(await numbers(server)).toEqual(Array.from({ length: 2_501 }, (_, n) => n))
    expect(files()).toEqual([])
    expect(await remote.record('a', { data: { n: 2_501 } })).toMatchObject({ level: 'stored' })
  })

  it('answers that were lost make nothing twice, and what comes meanwhile waits its turn', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const { remote } = await openSpooling(proxy, server)
    await using _ = remote
    const sent: Promise<unknown>[] = []
    for (let n = 0; n < 1_000; n += 1) {
      if (n % 100 === 0) {
        proxy.mode = n % 200 === 0 ? 'answers' : 'open'
        if (proxy.mode === 'open') proxy.cut()
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      sent.push(remote.record('a', { data: { n } }))
    }
    proxy.mode = 'open'
    await Promise.all(sent)
    await settled(remote)
    expect(await numbers(server)).toEqual(Array.from({ length: 1_000 }, (_, n) => n))
  })

  it('operations that were spooled are whole', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const { remote } = await openSpooling(proxy, server)
    await using _ = remote
    proxy.mode = 'all'
    const operation = await remote.begin('machine.stop')
    expect(operation.recorded).toMatchObject({ level: 'queued', spooled: true })
    await operation.finish('failure')
    proxy.mode = 'open'
    await settled(remote)
    await remote.wrap('machine.start', {}, () => 5)
    const events = await Array.fromAsync(server.trail.events())
    expect(events.map(({ action, phase }) => `${action} ${phase}`)).toEqual([
      'machine.stop attempt',
      'machine.stop outcome',
      'machine.start attempt',
      'machine.start outcome',
    ])
    expect(events.slice(0, 2).map(event => event.operation)).toEqual([operation.id, operation.id])
    expect(events[2]?.operation).toBe(events[3]?.operation)
  })

  it('a later run sends what an earlier one left, but no line that was torn', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const first = await openSpooling(proxy, server)
    proxy.mode = 'all'
    for (let n = 0; n < 5; n += 1) await first.remote.record('a', { data: { n } })
    await first.remote.close()
    const [file = ''] = files()
    appendFileSync(join(dir, file), '{"draft":{"action":"torn"')
    proxy.mode = 'open'
    const second = await openSpooling(proxy, server)
    await second.remote.record('a', { data: { n: 5 } })
    await settled(second.remote)
    await second.remote.close()
    expect(await numbers(server)).toEqual([0, 1, 2, 3, 4, 5])
    expect(files()).toEqual([])
  })

  it('close spools what is under way', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const { remote } = await openSpooling(proxy, server, { waiting: { patienceMs: 300 } })
    proxy.mode = 'silent'
    const recorded = remote.record('a', { data: { n: 1 } })
    await remote.close()
    expect(await recorded).toMatchObject({ level: 'queued', spooled: true })
    proxy.mode = 'open'
    proxy.cut()
    const again = await openSpooling(proxy, server)
    await settled(again.remote)
    await again.remote.close()
    expect(await numbers(server)).toEqual([1])
  })

  it('puts aside what the server refuses, says so, and goes on', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const token = await server.token({ role: 'recorder', tenant: 'acme' })
    const { remote, errors } = await openSpooling(proxy, server, { token })
    await using _ = remote
    proxy.mode = 'all'
    await remote.record('a', { data: { n: 0 } })
    await remote.record('a', { tenant: 'umbra', data: { n: 1 } })
    await expect(remote.record('no action')).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    await remote.record('a', { data: { n: 2 } })
    proxy.mode = 'open'
    await settled(remote)
    expect(await numbers(server)).toEqual([0, 2])
    expect(errors).toContainEqual(expect.objectContaining({ code: 'ANNALS_DENIED', path: '/tenant' }))
    const refused = JSON.parse(readFileSync(join(dir, 'refused.ndjson'), 'utf8'))
    expect(refused).toMatchObject({ error: { code: 'ANNALS_DENIED' }, draft: { data: { n: 1 } } })
  })

  it('a key that was used before is the same event, whatever the time', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const { remote, errors } = await openSpooling(proxy, server)
    await using _ = remote
    const first = await remote.record('a', { id: 'k', data: { n: 0 } })
    proxy.mode = 'all'
    proxy.cut()
    await remote.record('a', { id: 'k', data: { n: 0 } })
    await remote.record('a', { id: 'k', data: { n: 1 } })
    proxy.mode = 'open'
    await settled(remote)
    expect(await numbers(server)).toEqual([0])
    expect(errors.filter(error => 'code' in error && error.code === 'ANNALS_CONFLICT')).toHaveLength(1)
    expect(await remote.record('a', { id: 'k', data: { n: 0 } })).toEqual({ ...first, duplicate: true })
  })

  it('damaged lines are put aside, and harm no other', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    const good = (n: number): string => `{"draft":{"action":"a","id":"g${n}","data":{"n":${n}}}}\n`
    writeFileSync(
      join(dir, '000000000007.ndjson'),
      Buffer.concat([
        Buffer.from(`${good(0)}\u0000\u0000\n\n`),
        Buffer.of(0xff, 0xfe, 10),
        Buffer.from(`nonsense\n${good(1)}`),
      ]),
    )
    const { remote, errors } = await openSpooling(proxy, server)
    await using _ = remote
    await settled(remote)
    expect(await numbers(server)).toEqual([0, 1])
    expect(errors).toHaveLength(4)
    expect(readFileSync(join(dir, 'refused.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(4)
  })

  it('has a bound, and belongs to one process', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    proxy.mode = 'all'
    const { remote } = await openSpooling(proxy, server, { spool: { dir, maxBytes: 2_000 } })
    await using _ = remote
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => remote.record('a', { data: { n } })),
    )
    const refused = answers.filter(answer => answer.status === 'rejected')
    expect(refused.length).toBeGreaterThan(5)
    for (const one of refused) expect(one.reason).toMatchObject({ code: 'ANNALS_OVERLOADED' })
    expect(remote.spooledBytes).toBeLessThanOrEqual(2_000)
    await expect(openSpooling(proxy, server)).rejects.toMatchObject({ code: 'ANNALS_LOCKED' })
  })

  it('rejects what cannot be made durable', async () => {
    await using server = await serve()
    await using proxy = await cuttingProxy(server.url)
    proxy.mode = 'all'
    const { remote } = await openSpooling(proxy, server)
    await using _ = remote
    rmSync(dir, { recursive: true, force: true })
    await expect(remote.record('a')).rejects.toMatchObject({ code: 'ANNALS_STORE' })
  })
})
