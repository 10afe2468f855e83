import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type FaultyLog, faultyStore } from '../log/sequencer.test-support.ts'
import type { AuditEvent } from '../model/index.ts'
import { createPolicy, type PolicyDefinition } from '../policy/index.ts'
import { openTrail } from './open-trail.ts'
import { all } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

interface Bench {
  readonly trail: Trail
  readonly log: FaultyLog
  readonly errors: Error[]
}

/** A trail with events in it, whose store can be made to fail. */
async function bench(definition: PolicyDefinition): Promise<Bench> {
  const { store, log } = await faultyStore()
  const errors: Error[] = []
  const trail = await openTrail({
    store,
    capture: createPolicy(definition),
    onError: error => errors.push(error),
    waiting: { patienceMs: 3_000 },
  })
  onTestFinished(() => trail.close().catch(() => {}))
  await trail.record('first')
  return { trail, log, errors }
}

async function events(trail: Trail, query: string): Promise<AuditEvent[]> {
  return await all(trail.events(query, { includeLog: true }))
}

const broken = (): never => {
  throw new Error('the disk is gone')
}

test('refuse within its bound: withdrawn, or denied once it becomes durable', async () => {
  const { trail, log } = await bench({ rules: [{ name: 'quick', match: { action: 'quick' }, withinMs: 60 }] })
  const release = log.hold()
  const sent = trail.record('quick')
  sent.catch(() => {})
  await delay(5)
  // Behind one that is with the store, and may wait for longer.
  const patient = trail.record('patient')
  const waiting = trail.record('quick', { data: 'never' })
  await expect(sent).rejects.toMatchObject({
    code: 'ANNALS_TIMEOUT',
    message: expect.stringContaining('60 ms'),
  })
  await expect(waiting).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
  release()
  expect(await patient).toMatchObject({ level: 'stored' })
  await trail.flush()
  expect((await events(trail, 'action:quick')).map(event => event.outcome.code)).toEqual([
    undefined,
    'ANNALS_NOT_AWAITED',
  ])
})

test('drop answers so, counts exactly, and the log tells of it once it can be written', async () => {
  const { trail, log } = await bench({
    rules: [
      { name: 'a', match: { action: 'a' }, onUnavailable: 'drop' },
      { name: 'b', match: { action: 'b' }, onUnavailable: 'drop' },
    ],
  })
  log.before = broken
  const answers = await trail.recordAll(['a', 'a', 'b', 'c'].map(action => ({ action })))
  expect(answers).toMatchObject([
    { level: 'dropped', rule: 'a', id: '' },
    { level: 'dropped', rule: 'a' },
    { level: 'dropped', rule: 'b' },
    { error: { code: 'ANNALS_STORE' } },
  ])
  expect(await trail.wrap('a', {}, () => 'done')).toBe('done')
  log.before = () => {}
  await expect.poll(() => events(trail, 'action:log.gap'), { timeout: 10_000 }).toHaveLength(1)
  const [gap] = await events(trail, 'action:log.gap')
  expect(gap?.data).toMatchObject({ kind: 'dropped', events: 5, rules: { a: 4, b: 1 } })
})

test('what a draft does wrong is refused, whatever the rule', async () => {
  const { trail } = await bench({ defaults: { onUnavailable: 'drop', await: 'queued' } })
  await expect(trail.record('not a path')).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
})

test('what seemed lost and became durable is neither counted nor denied', async () => {
  const { trail, log } = await bench({
    rules: [{ name: 'a', match: { action: 'a' }, onUnavailable: 'drop', withinMs: 50 }],
  })
  const release = log.hold()
  expect(await trail.record('a')).toMatchObject({ level: 'dropped' })
  release()
  const told = all(trail.events('action:a,log.gap', { includeLog: true, follow: true }))
  await trail.close()
  expect((await told).map(event => [event.action, event.phase])).toEqual([['a', 'single']])
})

test('close tells of what was dropped', async () => {
  const { trail, log } = await bench({ defaults: { onUnavailable: 'drop' } })
  log.before = broken
  await trail.record('a')
  log.before = () => {}
  const told = all(trail.events('action:log.gap', { includeLog: true, follow: true }))
  await trail.close()
  expect((await told).map(event => event.data)).toMatchObject([{ events: 1, rules: { otherwise: 1 } }])
})

test('a queued event that is lost is reported, and told of', async () => {
  const { trail, log, errors } = await bench({
    rules: [{ name: 'fast', match: { action: 'fast' }, await: 'queued' }],
  })
  log.before = broken
  expect(await trail.record('fast')).toMatchObject({ level: 'queued' })
  await expect.poll(() => errors.length).toBe(1)
  log.before = () => {}
  await expect
    .poll(() => events(trail, 'action:log.gap'), { timeout: 10_000 })
    .toMatchObject([{ data: { events: 1, rules: { fast: 1 } } }])
})

test('proved: a checkpoint that cannot be published in time refuses what is stored, unless the rule lets it pass', async () => {
  const { trail, log } = await bench({
    rules: [
      { name: 'strict', match: { action: 'strict' }, await: 'proved', withinMs: 50 },
      { name: 'lax', match: { action: 'lax' }, await: 'proved', withinMs: 50, onUnavailable: 'drop' },
    ],
  })
  let publish = (): void => {}
  log.beforePublish = () => new Promise<void>(resolve => (publish = resolve))
  await expect(trail.record('strict')).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
  expect(await trail.record('lax')).toMatchObject({ level: 'stored' })
  log.beforePublish = () => {}
  publish()
  await trail.flush()
  expect((await events(trail, 'action:strict')).map(event => event.outcome.result)).toEqual([
    'success',
    'denied',
  ])
  expect(await events(trail, 'action:lax')).toHaveLength(1)
  expect(await events(trail, 'action:log.gap')).toEqual([])
})
