import { expect, onTestFinished, test } from 'vitest'
import { pause, resume } from '../lifecycle/index.ts'
import { AnnalsError, type Draft } from '../model/index.ts'
import { createPolicy } from '../policy/index.ts'
import { openTrail } from './open-trail.ts'
import { all, newTrail, STORES, temporaryDirectory } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

const PAUSED = { id: '', index: -1, level: 'none', paused: true }

async function actionsOf(trail: Trail): Promise<string[]> {
  return (await all(trail.events(''))).map(({ action, phase }) => `${action} ${phase}`)
}

test.each(STORES)('%s: a paused tenant is left out, and nobody else; both ends are events', async kind => {
  const trail = await newTrail(kind)
  const before = await trail.begin('machine.boot', { tenant: 'dev' })
  const begun = await trail.perform(pause, { tenant: 'dev', reason: 'load test' })
  expect(await trail.record('machine.boot', { tenant: 'dev' })).toEqual(PAUSED)
  expect(await trail.within({ tenant: 'dev' }, () => trail.record('machine.boot'))).toEqual(PAUSED)
  const operation = await trail.begin('machine.stop', { tenant: 'dev', project: 'p' })
  expect(operation.recorded).toEqual(PAUSED)
  await before.finish('success')
  expect(
    await trail.recordAll([
      { action: 'a', tenant: 'prod' },
      { action: 'b', tenant: 'dev' },
      { action: '..', tenant: 'dev' },
      { action: 'c' },
    ]),
  ).toEqual([
    expect.objectContaining({ level: 'stored' }),
    PAUSED,
    { error: expect.objectContaining({ code: 'ANNALS_INVALID' }) },
    expect.objectContaining({ level: 'stored' }),
  ])
  const ended = await trail.perform(resume, { tenant: 'dev', reason: 'over' })
  // It was left out as a whole.
  expect(await operation.finish('success')).toEqual(PAUSED)
  await trail.record('d', { tenant: 'dev' })
  expect(await actionsOf(trail)).toEqual([
    'machine.boot attempt',
    'machine.boot outcome',
    'a single',
    'c single',
    'd single',
  ])
  expect(await all(trail.events('action:log.pause,log.resume'))).toMatchObject([
    { index: begun.index, tenant: 'dev', data: { scope: { tenant: 'dev' }, reason: 'load test' } },
    { index: ended.index, tenant: 'dev', data: { scope: { tenant: 'dev' }, reason: 'over' } },
  ])
})

test('a pause outlives a restart, in a log that anybody opens', async () => {
  const dir = temporaryDirectory()
  const first = await openTrail({ dir })
  await first.perform(pause, { project: 'sandbox', reason: 'r' })
  await first.close()
  const second = await openTrail({ dir })
  expect(await second.record('a', { tenant: 't', project: 'sandbox' })).toEqual(PAUSED)
  await second.perform(resume, { project: 'sandbox', reason: 'r' })
  await second.close()
  const third = await openTrail({ dir })
  onTestFinished(() => third.close())
  expect(await third.record('a', { project: 'sandbox' })).toMatchObject({ level: 'stored' })
})

test('excepted and protected actions, outcomes and backfilled events are recorded all the same', async () => {
  const policy = createPolicy({
    protect: ['key.**'],
    rules: [{ name: 'none', match: { action: 'x' }, capture: 'none' }],
  })
  const trail = await newTrail('memory', { capture: policy })
  await trail.perform(pause, { tenant: 'dev', reason: 'r', except: ['user.role.*'] })
  const backfill = { by: 'ops', basis: 'paper', enteredAt: '2026-01-01T00:00:00.000Z' }
  const drafts: Draft[] = [
    { action: 'key.add' },
    { action: 'user.role.grant' },
    { action: 'user.role' },
    { action: 'boot', backfill },
    { action: 'boot' },
    { action: 'x' },
  ]
  const answers = await trail.recordAll(drafts.map(draft => ({ ...draft, tenant: 'dev' })))
  expect(answers.map(answer => ('error' in answer ? answer.error.code : answer.level))).toEqual([
    'stored',
    'stored',
    'none',
    'stored',
    'none',
    'none',
  ])
  expect(await actionsOf(trail)).toEqual(['key.add single', 'user.role.grant single', 'boot single'])
})

test('thinned: one in so many of each action, operations as a whole', async () => {
  const trail = await newTrail('memory')
  await trail.perform(pause, { tenant: 'dev', reason: 'r', oneIn: 3 })
  for (let turn = 0; turn < 7; turn++) {
    await trail.record('a', { tenant: 'dev' })
    await trail.wrap('b', { tenant: 'dev' }, () => {})
  }
  const seen = await actionsOf(trail)
  const count = (text: string): number => seen.filter(one => one === text).length
  expect(['a single', 'b attempt', 'b outcome', 'b single'].map(count)).toEqual([3, 3, 3, 0])
})

test('thinned: what the policy leaves out is not counted, such as attempts of operations that are one event', async () => {
  const rules = [{ name: 'once', match: { action: 'b' }, phases: 'single' as const }]
  const trail = await newTrail('memory', { capture: createPolicy({ rules }) })
  await trail.perform(pause, { tenant: 'dev', reason: 'r', oneIn: 2 })
  for (let turn = 0; turn < 4; turn++) await trail.wrap('b', { tenant: 'dev' }, () => {})
  expect(await actionsOf(trail)).toEqual(['b single', 'b single'])
})

test('the narrowest pause decides; another one of the same scope replaces it, the same does nothing', async () => {
  const trail = await newTrail('memory')
  const asked = { tenant: 'dev', reason: 'r' }
  const { index } = await trail.perform(pause, asked)
  expect(await trail.perform(pause, asked)).toEqual({ index })
  await trail.perform(pause, { ...asked, project: 'p', oneIn: 2 })
  const levels = async (draft: Omit<Draft, 'action'>): Promise<string[]> => [
    (await trail.record('a', draft)).level,
    (await trail.record('a', draft)).level,
  ]
  expect(await levels({ tenant: 'dev', project: 'p' })).toEqual(['stored', 'none'])
  expect(await levels({ tenant: 'dev', project: 'q' })).toEqual(['none', 'none'])
  await trail.perform(pause, { ...asked, oneIn: 2 })
  expect(await levels({ tenant: 'dev', project: 'q' })).toEqual(['stored', 'none'])
  expect(await all(trail.events('action:log.pause'))).toHaveLength(3)
})

test.each([
  [{ reason: 'r' }, ''],
  [{ tenant: '', reason: 'r' }, '/tenant'],
  [{ tenant: 'a' }, '/reason'],
  [{ tenant: 'a', reason: 'r', oneIn: 1 }, '/oneIn'],
  [{ tenant: 'a', reason: 'r', oneIn: 2.5 }, '/oneIn'],
  [{ tenant: 'a', reason: 'r', except: ['a b'] }, '/except/0'],
  [{ tenant: 'a', reason: 'r', except: Array.from({ length: 65 }, () => 'a') }, '/except'],
  [{ tenant: 'a', reason: 'r', until: 'x' }, '/until'],
])('%j is refused at %j', async (request, path) => {
  const trail = await newTrail('memory')
  await expect(trail.perform(pause, request as never)).rejects.toMatchObject({ code: 'ANNALS_INVALID', path })
})

test('resuming what is not paused is an error, also by a wider name', async () => {
  const trail = await newTrail('memory')
  await trail.perform(pause, { tenant: 'dev', project: 'p', reason: 'r' })
  await expect(trail.perform(resume, { tenant: 'dev', reason: 'r' })).rejects.toThrow(AnnalsError)
  await expect(trail.perform(resume, { tenant: 'dev', reason: 'r' })).rejects.toMatchObject({
    code: 'ANNALS_NOT_FOUND',
  })
})
