import { type Draft, openReader, openTrail } from 'annals'
import { expect, test } from 'vitest'
import { annalsHere as annals } from '../testing/in-process.ts'
import { linesOf } from '../testing/log.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

async function actionsIn(dir: string): Promise<string[]> {
  const reader = await openReader({ dir })
  try {
    const events = await Array.fromAsync(reader.events('', { includeLog: true }))
    return events.map(({ action }) => action).filter(action => !/^log\.(open|source|seal)/.test(action))
  } finally {
    await reader.close()
  }
}

test('pause, list and resume: what is emitted meanwhile is left out and told, and the log names who asked and why', async () => {
  const dir = temporary()
  const run = (...words: string[]) => annals([...words, '--dir', dir])
  await (await openTrail({ dir })).close()
  const paused = await run(
    'pause',
    '--tenant',
    'dev',
    '--reason',
    'load test',
    '--except',
    'key.**',
    '--actor',
    'user/ops',
  )
  expect([paused.code, paused.stderr]).toEqual([0, expect.stringContaining('recording is paused')])
  const thinned = await run('pause', '--tenant', 'dev', '--project', 'p', '--reason', 'r', '--one-in', '2')
  expect([thinned.code, thinned.stderr]).toEqual([0, expect.stringContaining('recording is thinned')])
  const emit = (drafts: readonly Draft[], ...words: string[]) =>
    annals(['emit', ...words, '--dir', dir, '-o', 'ndjson'], {
      stdin: drafts.map(draft => `${JSON.stringify(draft)}\n`).join(''),
    })
  const emitted = await emit([
    { action: 'machine.boot', tenant: 'dev' },
    { action: 'key.add', tenant: 'dev' },
    { action: 'machine.boot', tenant: 'prod' },
  ])
  expect([emitted.code, linesOf(emitted.stdout).length]).toEqual([0, 2])
  expect(emitted.stderr).toContain('1 left out: recording of their tenant or project is paused')
  const late: Draft = { action: 'machine.boot', tenant: 'dev', occurredAt: '2026-01-01T00:00:00Z' }
  expect((await emit([late], '--backfill', '--basis', 'paper')).code).toBe(0)
  expect(linesOf((await run('pause', 'list', '-o', 'ndjson')).stdout)).toMatchObject([
    { tenant: 'dev', project: null, oneIn: null, except: 'key.**', reason: 'load test' },
    { tenant: 'dev', project: 'p', oneIn: 2 },
  ])
  expect((await run('resume', '--tenant', 'dev', '--reason', 'over')).code).toBe(0)
  const again = await run('resume', '--tenant', 'dev', '--reason', 'over')
  expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('No pause')])
  expect((await emit([{ action: 'machine.stop', tenant: 'dev' }])).code).toBe(0)
  expect(await actionsIn(dir)).toEqual([
    'log.pause',
    'log.pause',
    'key.add',
    'machine.boot',
    'machine.boot',
    'log.resume',
    'machine.stop',
  ])
  const reader = await openReader({ dir })
  const [event] = await Array.fromAsync(reader.events('action:log.pause'))
  await reader.close()
  expect(event).toMatchObject({
    actor: { type: 'user', id: 'ops' },
    tenant: 'dev',
    data: { reason: 'load test' },
  })
})

test.each([
  [['pause', '--reason', 'r'], 'of whom?'],
  [['pause', '--tenant', 'dev'], '--reason is missing'],
  [['pause', '--tenant', 'dev', '--reason', 'r', '--one-in', 'x'], 'is no number'],
  [['resume', '--reason', 'r'], 'of whom?'],
])('%j: exit 2', async (words, message) => {
  const done = await annals([...words, '--dir', temporary()])
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining(message)])
})
