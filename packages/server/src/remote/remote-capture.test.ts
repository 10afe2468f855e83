import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from 'annals'
import { createPolicy, type PolicyDefinition } from 'annals/policy'
import { openRemote, type RemoteOptions, type RemoteTrail } from 'annals/remote'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'
import { type CuttingProxy, cuttingProxy } from './cutting-proxy.test-support.ts'

const PATIENT = { patienceMs: 60_000 }
const SPOOLED = { level: 'queued', index: -1, spooled: true }
const HASH_KEY = new Uint8Array(32).fill(7)

interface Bench {
  readonly server: TestServer
  readonly proxy: CuttingProxy
  readonly remote: RemoteTrail
  readonly errors: Error[]
  /** Where the spool is. */
  readonly dir: string
}

/** A remote trail under a policy, behind a proxy that can break what goes through it. */
async function bench(definition: PolicyDefinition, options: Partial<RemoteOptions> = {}): Promise<Bench> {
  const server = await serve()
  const proxy = await cuttingProxy(server.url)
  const dir = mkdtempSync(join(tmpdir(), 'annals-spool-'))
  const errors: Error[] = []
  const remote = (await openRemote({
    url: proxy.url,
    token: server.key,
    capture: createPolicy(definition),
    hashKey: HASH_KEY,
    spool: dir,
    waiting: PATIENT,
    onError: error => errors.push(error),
    ...options,
  })) as RemoteTrail
  onTestFinished(async () => {
    proxy.mode = 'open'
    proxy.cut()
    await remote.close()
    await proxy[Symbol.asyncDispose]()
    await server.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return { server, proxy, remote, errors, dir }
}

const eventsOf = (server: TestServer, query?: string): Promise<AuditEvent[]> =>
  Array.fromAsync(server.trail.events(query))
const numbers = async (server: TestServer): Promise<number[]> =>
  (await eventsOf(server, 'action:step')).map(({ data }) => (data as { n: number }).n)
const spooledText = (dir: string): string =>
  readdirSync(dir)
    .filter(name => name.endsWith('.ndjson'))
    .map(name => readFileSync(join(dir, name), 'utf8'))
    .join('')

describe('annals/remote under a policy', () => {
  it('is refused without the spool or the key that the policy needs', async () => {
    const place = { url: 'http://127.0.0.1:1', token: 'x' }
    const spooling = createPolicy({ defaults: { onUnavailable: 'spool' } })
    await expect(openRemote({ ...place, capture: spooling })).rejects.toMatchObject({
      code: 'ANNALS_UNSUPPORTED',
      hint: expect.stringContaining('spool: {'),
    })
    const hashing = createPolicy({ mask: { classes: { personal: 'hash' }, names: { email: 'hash' } } })
    await expect(openRemote({ ...place, capture: hashing })).rejects.toThrow('hashKey')
    await expect(openRemote({ ...place, capture: hashing, hashKey: new Uint8Array(8) })).rejects.toThrow(
      '32 bytes',
    )
    await using trail = await openRemote({ ...place, capture: hashing, hashKey: HASH_KEY })
    expect(trail.capture).toBe(hashing)
  })

  it('decides and masks before anything is sent', async () => {
    const { server, remote } = await bench({
      rules: [
        { name: 'reads', match: { action: '**.read' }, capture: 'none' },
        { name: 'logins', match: { action: 'login' }, capture: 'metadata' },
        { name: 'once', match: { action: 'stop' }, phases: 'single' },
      ],
      mask: { names: { email: 'hash' } },
    })
    expect(await remote.record('file.read')).toEqual({ id: '', index: -1, level: 'none', rule: 'reads' })
    expect(await remote.record('login', { data: { kept: 1 } })).toMatchObject({ level: 'stored' })
    expect(await remote.wrap('stop', {}, () => 'done')).toBe('done')
    const data = { email: 'a@b.c', deep: { password: 'canary' } }
    const answers = await remote.recordAll([{ action: 'step', data }, { action: 'x.read' }, { action: '!' }])
    expect(answers).toMatchObject([
      { level: 'stored' },
      { level: 'none' },
      { error: { code: 'ANNALS_INVALID' } },
    ])
    const events = await eventsOf(server)
    expect(events.map(({ action, phase }) => `${action} ${phase}`)).toEqual([
      'login single',
      'stop single',
      'step single',
    ])
    expect(events.map(event => event.data)).toEqual([
      undefined,
      undefined,
      { email: expect.stringMatching(/^hmac:/), deep: {} },
    ])
    expect(JSON.stringify(events)).not.toContain('canary')
  })

  it('refuse: rejects within the bound of the rule; what the server had by then is denied', async () => {
    const { server, proxy, remote } = await bench({
      rules: [{ name: 'quick', match: { action: 'quick' }, withinMs: 200 }],
    })
    await remote.record('first')
    proxy.mode = 'answers'
    await expect(remote.record('quick')).rejects.toMatchObject({
      code: 'ANNALS_TIMEOUT',
      message: expect.stringContaining('200 ms'),
    })
    proxy.mode = 'open'
    await expect
      .poll(async () => (await eventsOf(server, 'action:quick')).map(({ outcome }) => outcome.code))
      .toEqual([undefined, 'ANNALS_NOT_AWAITED'])
  })

  it('drop: goes on, and tells how many', async () => {
    const { server, proxy, remote, errors } = await bench({
      rules: [{ name: 'lax', match: { action: 'lax' }, onUnavailable: 'drop', withinMs: 100 }],
    })
    proxy.mode = 'silent'
    const answers = await remote.recordAll([{ action: 'lax' }, { action: 'lax' }])
    for (const answer of answers) expect(answer).toEqual({ id: '', index: -1, level: 'dropped', rule: 'lax' })
    await expect
      .poll(() => errors.map(({ message }) => message).join(), { timeout: 5_000 })
      .toContain("2 by 'lax'")
    await expect(remote.record('not a path')).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    expect(await eventsOf(server)).toEqual([])
  })

  it('spool: masked, in order, once, also what the server had by then', async () => {
    const { server, proxy, remote, dir } = await bench({
      rules: [{ name: 'step', match: { action: 'step' }, onUnavailable: 'spool', withinMs: 150 }],
    })
    const step = (n: number): Promise<unknown> => remote.record('step', { data: { n, password: 'canary' } })
    expect(await step(0)).toMatchObject({ level: 'stored' })
    proxy.mode = 'answers'
    expect(await Promise.all([step(1), step(2)])).toMatchObject([SPOOLED, SPOOLED])
    proxy.mode = 'silent'
    expect(await Promise.all([step(3), step(4)])).toMatchObject([SPOOLED, SPOOLED])
    const text = spooledText(dir)
    expect(text).toContain('"n":4')
    expect(text).not.toContain('canary')
    proxy.mode = 'open'
    proxy.cut()
    await step(5)
    await remote.flush()
    expect(await numbers(server)).toEqual([0, 1, 2, 3, 4, 5])
    expect(await eventsOf(server, 'outcome:denied')).toEqual([])
    expect(await step(6)).toMatchObject({ level: 'stored' })
  })

  it('spools events of rules that spool, and no others', async () => {
    const { proxy, remote } = await bench({
      rules: [{ name: 'step', match: { action: 'step' }, onUnavailable: 'spool' }],
      defaults: { withinMs: 200 },
    })
    proxy.mode = 'all'
    const refused = remote.record('other')
    refused.catch(() => {})
    expect(await remote.record('step', { data: { n: 1 } })).toMatchObject(SPOOLED)
    await expect(refused).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
  })

  it('await: queued goes on at once, proved waits for a checkpoint', async () => {
    const { server, proxy, remote } = await bench({
      rules: [
        { name: 'step', match: { action: 'step' }, await: 'queued', onUnavailable: 'spool', withinMs: 200 },
        { name: 'strict', match: { action: 'strict' }, await: 'proved' },
      ],
    })
    const proved = await Promise.all(Array.from({ length: 20 }, () => remote.record('strict')))
    for (const one of proved) expect(one).toMatchObject({ level: 'proved', index: expect.any(Number) })
    proxy.mode = 'silent'
    const { id, ...queued } = await remote.record('step', { data: { n: 1 } })
    expect(queued).toEqual({ index: -1, level: 'queued' })
    expect(id).not.toBe('')
    await expect.poll(() => remote.spooledBytes).toBeGreaterThan(0)
    proxy.mode = 'open'
    proxy.cut()
    await remote.flush()
    expect(await numbers(server)).toEqual([1])
  })

  it('close spools what may be, and refuses the rest', async () => {
    const { server, proxy, remote, dir } = await bench(
      { rules: [{ name: 'step', match: { action: 'step' }, onUnavailable: 'spool' }] },
      { waiting: { patienceMs: 500 } },
    )
    proxy.mode = 'silent'
    const step = remote.record('step', { data: { n: 1 } })
    const other = remote.record('other')
    other.catch(() => {})
    await remote.close()
    expect(await step).toMatchObject(SPOOLED)
    await expect(other).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    await expect(remote.record('step')).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    proxy.mode = 'open'
    proxy.cut()
    await using later = await openRemote({ url: proxy.url, token: server.key, spool: dir, waiting: PATIENT })
    await later.flush()
    expect(await numbers(server)).toEqual([1])
  })
})
