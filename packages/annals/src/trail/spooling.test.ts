import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { catalog, defineEvent } from '../catalog/index.ts'
import { erase } from '../lifecycle/index.ts'
import { type FaultyLog, faultyStore } from '../log/sequencer.test-support.ts'
import type { Store } from '../log/store.ts'
import type { AuditEvent } from '../model/index.ts'
import { createPolicy, type PolicyDefinition } from '../policy/index.ts'
import type { Recorded } from '../record/recorded.ts'
import type { LocalTrail } from './local-trail.ts'
import { type OpenTrailOptions, openTrail } from './open-trail.ts'
import { all } from './trail.test-support.ts'

const SPOOL: PolicyDefinition = { defaults: { onUnavailable: 'spool', withinMs: 60 } }
const SPOOLED = { level: 'queued', index: -1, spooled: true }
/** A type whose events must have data. */
const NEEDED = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => (value === undefined ? { issues: [{ message: 'is needed' }] } : { value }),
  },
} as const
const broken = (): never => {
  throw new Error('the disk is gone')
}

interface Bench {
  readonly trail: LocalTrail
  readonly log: FaultyLog
  readonly store: Store
  readonly dir: string
  readonly errors: Error[]
  readonly notices: string[]
  /** Opens the same log and the same spool again. */
  reopen(definition?: PolicyDefinition): Promise<LocalTrail>
}

/** A trail with a spool, whose store can be made to fail. */
async function bench(
  definition: PolicyDefinition,
  options: Partial<OpenTrailOptions> = {},
  maxBytes?: number,
): Promise<Bench> {
  const { store, log } = await faultyStore()
  const dir = mkdtempSync(join(tmpdir(), 'annals-spool-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const errors: Error[] = []
  const notices: string[] = []
  const start = async (policy: PolicyDefinition): Promise<LocalTrail> => {
    const trail = await openTrail({
      // It is opened again after a close.
      store: { ...store, close: async () => {} },
      capture: createPolicy(policy),
      spool: { dir, maxBytes },
      onError: error => errors.push(error),
      onNotice: notice => notices.push(notice),
      waiting: { patienceMs: 400 },
      ...options,
    })
    onTestFinished(() => trail.close().catch(() => {}))
    return trail
  }
  const trail = await start(definition)
  await trail.record('first')
  return { trail, log, store, dir, errors, notices, reopen: (again = definition) => start(again) }
}

const files = (dir: string): string[] => readdirSync(dir).filter(name => name.endsWith('.ndjson'))
const spooledText = (dir: string): string =>
  files(dir)
    .map(name => readFileSync(join(dir, name), 'utf8'))
    .join('')
const numbered = (trail: LocalTrail, ns: readonly number[]): Promise<Recorded[]> =>
  Promise.all(ns.map(n => trail.record('step', { data: { n } })))
const numbers = async (trail: LocalTrail): Promise<number[]> =>
  (await events(trail, 'action:step')).map(({ data }) => (data as { n: number }).n)
const events = (trail: LocalTrail, query: string): Promise<AuditEvent[]> =>
  all(trail.events(query, { includeLog: true }))

describe("onUnavailable: 'spool'", () => {
  it('needs a spool', async () => {
    const { store } = await faultyStore()
    await expect(openTrail({ store, capture: createPolicy(SPOOL) })).rejects.toMatchObject({
      code: 'ANNALS_UNSUPPORTED',
      hint: expect.stringContaining('spool: {'),
    })
  })

  it('keeps events while the store fails, and records them in order and once', async () => {
    const { trail, log, dir } = await bench(SPOOL)
    log.before = broken
    const answers = await numbered(trail, [1, 2, 3])
    for (const answer of answers) expect(answer).toMatchObject(SPOOLED)
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3)
    expect(trail.spooledBytes).toBeGreaterThan(0)
    log.before = () => {}
    expect(await numbered(trail, [4, 5])).toMatchObject([SPOOLED, SPOOLED])
    await trail.flush()
    expect(await numbers(trail)).toEqual([1, 2, 3, 4, 5])
    expect([files(dir), trail.spooledBytes]).toEqual([[], 0])
    expect(await numbered(trail, [6])).toMatchObject([{ level: 'stored' }])
  })

  it('one that was with the store when time was up, and becomes durable after all, is there once and not denied', async () => {
    const { trail, log } = await bench(SPOOL)
    const release = log.hold()
    const sent = numbered(trail, [1])
    await delay(5)
    const waiting = numbered(trail, [2, 3])
    expect(await sent).toMatchObject([SPOOLED])
    expect(await waiting).toMatchObject([SPOOLED, SPOOLED])
    release()
    await trail.flush()
    expect(await numbers(trail)).toEqual([1, 2, 3])
    expect(await events(trail, 'outcome:denied')).toEqual([])
  })

  it('one that was with the store, which fails in the end, is recorded from the spool', async () => {
    const { trail, log } = await bench(SPOOL)
    const release = log.hold()
    expect(await numbered(trail, [1, 2])).toMatchObject([SPOOLED, SPOOLED])
    release(new Error('the disk is gone'))
    await trail.flush()
    expect(await numbers(trail)).toEqual([1, 2])
  })

  it('keeps the order also of those that may wait for longer', async () => {
    const { trail, log } = await bench({
      rules: [{ ...SPOOL.defaults, name: 'slow', match: { target: 'slow/*' }, withinMs: 400 }],
      ...SPOOL,
    })
    const release = log.hold()
    const held = trail.record('step', { data: { n: 0 } })
    await delay(5)
    const slow = trail.record('step', { data: { n: 1 }, targets: [{ type: 'slow', id: 'x' }] })
    const quick = trail.record('step', { data: { n: 2 } })
    expect(await Promise.all([held, slow, quick])).toMatchObject([SPOOLED, SPOOLED, SPOOLED])
    release()
    await trail.flush()
    expect(await numbers(trail)).toEqual([0, 1, 2])
  })

  it('a store that is silent for long does not make those who try again pile up', async () => {
    const { trail, log } = await bench(SPOOL, { waiting: { patienceMs: 100 } })
    const release = log.hold()
    await numbered(trail, [1, 2, 3])
    await delay(700)
    release()
    await trail.flush()
    expect(await numbers(trail)).toEqual([1, 2, 3])
  })

  it('keeps the time that was claimed, the keys of producers, and what else the event says', async () => {
    const { trail, log } = await bench(SPOOL)
    const whole = {
      id: 'mine',
      actor: { type: 'user', id: 'u1', name: 'Zoë' },
      targets: [{ type: 'machine', id: 'web-3' }],
      tenant: 'acme',
      changes: [{ path: '/password', op: 'replace', before: 'old', after: 'new' }],
      tags: { env: 'prod' },
      outcome: { result: 'failure', code: 'E1', message: 'x'.repeat(300_000) },
    } as const
    log.before = broken
    const began = new Date().toISOString()
    const spooled = await trail.record('step', whole)
    const ended = new Date().toISOString()
    expect(spooled).toMatchObject({ ...SPOOLED, id: 'mine' })
    await delay(20)
    log.before = () => {}
    await trail.flush()
    const [event] = await events(trail, 'action:step')
    expect(event).toMatchObject({
      actor: whole.actor,
      targets: whole.targets,
      tenant: 'acme',
      tags: { env: 'prod' },
    })
    expect(event?.changes).toEqual([{ path: '/password', op: 'replace', masked: true }])
    expect(event?.truncated?.[0]).toMatchObject({ path: '/outcome/message', bytes: 300_000 })
    expect([began, event?.occurredAt, ended].toSorted()).toEqual([began, event?.occurredAt, ended])
    expect(await trail.record('step', whole)).toMatchObject({
      duplicate: true,
      id: event?.id,
      index: event?.index,
    })
  })

  it('holds nothing that the policy masks or leaves out', async () => {
    const types = catalog(defineEvent('first'), defineEvent('step', { data: NEEDED }))
    const { trail, log, dir } = await bench(
      {
        rules: [{ ...SPOOL.defaults, name: 'bare', match: { target: 'bare/*' }, capture: 'metadata' }],
        ...SPOOL,
        mask: { names: { email: 'hash' } },
      },
      { catalog: types },
    )
    log.before = broken
    await trail.record('step', {
      data: { password: 'canary-1', deep: [{ email: 'canary-2' }], kept: 'seen' },
    })
    await trail.record('step', { data: { kept: 'canary-3' }, targets: [{ type: 'bare', id: 'x' }] })
    const text = spooledText(dir)
    expect(text).toContain('seen')
    expect(text).not.toContain('canary')
    log.before = () => {}
    await trail.flush()
    expect((await events(trail, 'action:step')).map(({ data }) => data)).toEqual([
      { deep: [{ email: expect.stringMatching(/^hmac:/) }], kept: 'seen' },
      undefined,
    ])
  })

  it('operations that were spooled are whole', async () => {
    const { trail, log } = await bench(SPOOL)
    log.before = broken
    const operation = await trail.begin('stop')
    expect(operation.recorded).toMatchObject(SPOOLED)
    log.before = () => {}
    await operation.finish('failure')
    await trail.flush()
    expect((await events(trail, 'action:stop')).map(event => [event.phase, event.operation])).toEqual([
      ['attempt', operation.id],
      ['outcome', operation.id],
    ])
  })

  it('queued: its caller goes on at once, and nothing is lost', async () => {
    const { trail, log, errors } = await bench({ defaults: { ...SPOOL.defaults, await: 'queued' } })
    const release = log.hold()
    const [answer] = await numbered(trail, [1])
    expect(answer).toMatchObject({ level: 'queued', index: -1 })
    await expect.poll(() => trail.spooledBytes).toBeGreaterThan(0)
    release()
    await trail.flush()
    expect(await numbers(trail)).toEqual([1])
    expect(await events(trail, 'action:log.gap')).toEqual([])
    expect(errors[0]).toMatchObject({ code: 'ANNALS_TIMEOUT' })
  })

  it('is bounded: beyond that it refuses, and what was refused is not recorded', async () => {
    const { trail, log } = await bench(SPOOL, {}, 1_000)
    log.before = broken
    const answers = await trail.recordAll(
      Array.from({ length: 20 }, (_, n) => ({ action: 'step', data: { n } })),
    )
    const kept = answers.flatMap((answer, n) => ('error' in answer ? [] : [n]))
    expect(kept.length).toBeGreaterThan(0)
    expect(answers.at(-1)).toMatchObject({ error: { code: 'ANNALS_OVERLOADED' } })
    log.before = () => {}
    await trail.flush()
    expect(await numbers(trail)).toEqual(kept)
  })

  it('one that was with the store, and had no room in the spool, is denied once it is durable', async () => {
    const { trail, log } = await bench(SPOOL, {}, 10)
    const release = log.hold()
    await expect(trail.record('step')).rejects.toMatchObject({ code: 'ANNALS_OVERLOADED' })
    release()
    await expect
      .poll(async () => (await events(trail, 'action:step')).map(({ outcome }) => outcome.code))
      .toEqual([undefined, 'ANNALS_NOT_AWAITED'])
  })

  it('a spool whose disk is silent refuses in time, and what was refused is not recorded', async () => {
    const { trail, log, dir } = await bench(SPOOL)
    const probe = await open(dir)
    const handle = Object.getPrototypeOf(probe) as typeof probe
    await probe.close()
    const { datasync } = handle
    let release = (): void => {}
    const held = new Promise<void>(resolve => (release = resolve))
    handle.datasync = async function (this: typeof probe) {
      await held
      await datasync.call(this)
    }
    onTestFinished(() => {
      handle.datasync = datasync
    })
    log.before = broken
    await expect(trail.record('step', { data: { n: 1 } })).rejects.toMatchObject({
      code: 'ANNALS_TIMEOUT',
      message: expect.stringContaining('spool'),
    })
    release()
    expect(await numbered(trail, [2])).toMatchObject([SPOOLED])
    log.before = () => {}
    await trail.flush()
    expect(await numbers(trail)).toEqual([2])
  })

  it('close leaves what cannot be recorded to the next run, and says so', async () => {
    const { trail, log, notices, reopen } = await bench(SPOOL)
    log.before = broken
    await numbered(trail, [1, 2])
    await trail.close().catch(() => {})
    expect(notices.join()).toMatch(/\d+ bytes of events are in the spool/)
    log.before = () => {}
    const again = await reopen({})
    await again.flush()
    expect(await numbers(again)).toEqual([1, 2])
  })

  it('nothing is erased while events are in the spool that an erasure would not reach', async () => {
    const { trail, log } = await bench(SPOOL)
    const alice = { type: 'user', id: 'alice' }
    log.before = broken
    await trail.record('step', { actor: alice })
    await expect(trail.perform(erase, { persons: [alice], basis: 'GDPR' })).rejects.toMatchObject({
      code: 'ANNALS_TIMEOUT',
      message: expect.stringContaining('spool'),
    })
    log.before = () => {}
    expect(await trail.perform(erase, { persons: [alice], basis: 'GDPR' })).toMatchObject({ events: 1 })
    expect((await events(trail, 'action:step')).map(({ actor }) => actor.type)).toEqual(['erased'])
  })

  it('puts aside what will be refused for ever, says so, and goes on', async () => {
    const { trail, log, dir, errors, reopen } = await bench(SPOOL)
    log.before = broken
    await numbered(trail, [1])
    await trail.close().catch(() => {})
    const name = join(dir, files(dir)[0] as string)
    writeFileSync(name, `{"draft":{"action":"no action"}}\n${readFileSync(name, 'utf8')}`)
    log.before = () => {}
    const again = await reopen()
    await again.flush()
    expect(await numbers(again)).toEqual([1])
    expect(readFileSync(join(dir, 'refused.ndjson'), 'utf8')).toContain('ANNALS_INVALID')
    expect(errors.at(-1)).toMatchObject({ code: 'ANNALS_INVALID' })
  })
})
