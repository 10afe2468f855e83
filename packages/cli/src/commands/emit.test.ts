import { userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { eventsOf, linesOf, ndjson, recordInto, someDrafts } from '../testing/log.ts'
import { annals, finished, startAnnals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

test('each draft gets its receipt, in order', async () => {
  const dir = temporary()
  const receipts = await recordInto(dir, someDrafts(5))
  const events = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson', '--reverse'])).stdout)
  expect(receipts).toEqual(events.map(({ id, index }) => ({ id, index })))
  expect(events).toHaveLength(5)
})

test('a receipt comes as soon as the event is durable, while stdin stays open', async () => {
  const dir = temporary()
  const child = startAnnals(['emit', '--dir', dir, '-o', 'ndjson', '-q'])
  const done = finished(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  for (const draft of someDrafts(3)) {
    child.stdin.write(ndjson([draft]))
    const receipt = JSON.parse((await lines.next()).value ?? '') as { id: string; index: number }
    // Durable means: another process reads it now.
    const { stdout } = await annals(['get', receipt.id, '--dir', dir, '-o', 'ndjson'])
    expect(eventsOf(stdout)[0]?.index).toBe(receipt.index)
  }
  child.stdin.end()
  expect((await done).code).toBe(0)
})

describe('refused drafts', () => {
  test('are told with line, path and rule; the others are stored; exit 1', async () => {
    const dir = temporary()
    const stdin = `${JSON.stringify({ action: 'a.b' })}\n{"actor":{"type":"user","id":"x"}}\nnot json\n${JSON.stringify({ action: 'log.fake' })}\n${JSON.stringify({ action: 'a.c' })}\n`
    const { code, stdout, stderr } = await annals(['emit', '--dir', dir, '-o', 'ndjson'], { stdin })
    expect(code).toBe(1)
    expect(linesOf(stdout)).toHaveLength(2)
    expect(stderr).toMatch(/^line 2: .*\/action.*ANNALS_INVALID/m)
    expect(stderr).toMatch(/^line 3: not JSON/m)
    expect(stderr).toMatch(/^line 4: .*\/action/m)
    const events = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)
    expect(events.map(event => event.action)).toEqual(['a.c', 'a.b'])
  })
  test('--dry-run tells them and records nothing', async () => {
    const dir = temporary()
    await recordInto(dir, someDrafts(1))
    const { code, stdout, stderr } = await annals(['emit', '--dir', dir, '--dry-run'], {
      stdin: ndjson([{ action: 'ok' }, { action: '' }]),
    })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('line 2')
    expect(eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)).toHaveLength(1)
  })
})

test('flags spell out one event', async () => {
  const dir = temporary()
  const words = [
    '--action',
    'backup.run',
    '--actor',
    'service/cron',
    '--target',
    'db/main',
    '--tag',
    'env=prod',
    '--outcome',
    'failure',
  ]
  expect((await annals(['emit', '--dir', dir, ...words])).code).toBe(0)
  const [event] = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)
  expect(event).toMatchObject({
    action: 'backup.run',
    actor: { type: 'service', id: 'cron' },
    targets: [{ type: 'db', id: 'main' }],
    tags: { env: 'prod' },
    outcome: { result: 'failure' },
  })
})

test('the same key records once and is answered alike', async () => {
  const dir = temporary()
  const draft = { action: 'a.b', id: 'key-1' }
  const [first, second] = await recordInto(dir, [draft, draft])
  expect(second).toEqual(first)
})

test('a JSON array is taken too', async () => {
  const dir = temporary()
  const { code, stdout } = await annals(['emit', '-', '--dir', dir, '-o', 'ndjson'], {
    stdin: JSON.stringify(someDrafts(3), undefined, 2),
  })
  expect(code).toBe(0)
  expect(linesOf(stdout)).toHaveLength(3)
})

test('a directory that does not exist is made, and that is said', async () => {
  const dir = `${temporary()}/new`
  const { code, stderr } = await annals(['emit', '--dir', dir, '--action', 'a.b'])
  expect(code).toBe(0)
  expect(stderr).toContain(dir)
})

test('while another process holds the log, drafts go through its inbox', async () => {
  const dir = temporary()
  const holder = startAnnals(['emit', '--dir', dir, '-o', 'ndjson', '-q'])
  const done = finished(holder)
  holder.stdin.write(ndjson([{ action: 'holder.first' }]))
  await new Promise(resolve => holder.stdout.once('data', resolve))
  const { code, stdout, stderr } = await annals([
    'emit',
    '--dir',
    dir,
    '--action',
    'guest.event',
    '-o',
    'ndjson',
  ])
  expect([code, stderr]).toEqual([0, ''])
  expect(linesOf(stdout)).toMatchObject([{ index: expect.any(Number) }])
  holder.stdin.end()
  expect((await done).code).toBe(0)
  const events = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)
  expect(events.map(event => event.action)).toEqual(['guest.event', 'holder.first'])
})

test('several at the same time, also in a new directory: each records its event once', async () => {
  const dir = `${temporary()}/new`
  const names = ['e.n1', 'e.n2', 'e.n3']
  const done = await Promise.all(names.map(name => annals(['emit', '--dir', dir, '--action', name])))
  expect(done.map(({ code }) => code)).toEqual([0, 0, 0])
  const events = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)
  expect(events.map(event => event.action).toSorted()).toEqual(names)
}, 30_000)

test('Ctrl-C ends an input that stays open with 130; what was answered is stored', async () => {
  const dir = temporary()
  const child = startAnnals(['emit', '--dir', dir, '-o', 'ndjson', '-q'])
  const done = finished(child)
  child.stdin.write(ndjson(someDrafts(2)))
  await new Promise(resolve => child.stdout.once('data', resolve))
  child.kill('SIGINT')
  const { code, stdout } = await done
  expect(code).toBe(130)
  const events = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)
  expect(events.length).toBeGreaterThanOrEqual(linesOf(stdout).length)
})

describe('--backfill', () => {
  test('T22: keeps when it happened and when it was recorded, says who entered it and why, and is marked in every view', async () => {
    const dir = temporary()
    const flags = ['--backfill', '--basis', 'ticket 12', '--at', '2020-02-29T12:00:00+02:00']
    const { code } = await annals([
      'emit',
      '--dir',
      dir,
      ...flags,
      '--action',
      'key.revoke',
      '--actor',
      'user/u1',
    ])
    expect(code).toBe(0)
    await recordInto(dir, [{ action: 'key.make', description: 'made a key' }])
    const [made, event] = eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)
    expect(made?.backfill).toBeUndefined()
    expect(event).toMatchObject({
      occurredAt: '2020-02-29T10:00:00.000Z',
      actor: { type: 'user', id: 'u1' },
      backfill: { by: userInfo().username, basis: 'ticket 12' },
    })
    expect(event?.backfill?.enteredAt.slice(0, 4)).not.toBe('2020')
    expect(event?.recordedAt.slice(0, 4)).not.toBe('2020')
    const list = (await annals(['list', '--dir', dir, '-o', 'table'])).stdout.split('\n')
    expect(list.filter(line => line.includes('backfilled'))).toEqual([expect.stringContaining('key.revoke')])
    const sentence = await annals(['get', event?.id ?? '', '--dir', dir, '-o', 'sentence'])
    expect(sentence.stdout).toContain('backfilled')
    const found = await annals(['list', '--dir', dir, '-o', 'ndjson', 'is:backfilled'])
    expect(eventsOf(found.stdout).map(({ id }) => id)).toEqual([event?.id])
  })
  test('refuses drafts that do not say when it happened, or have a mark already; and one flag without the other', async () => {
    const dir = temporary()
    const occurredAt = '2020-02-29T12:00:00Z'
    const backfill = { by: 'x', basis: 'y', enteredAt: occurredAt }
    const stdin = ndjson([
      { action: 'a.b' },
      { action: 'a.b', occurredAt, backfill },
      { action: 'a.c', occurredAt },
    ])
    const { code, stderr } = await annals(['emit', '--dir', dir, '--backfill', '--basis', 'paper'], { stdin })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^line 1: \/occurredAt/m)
    expect(stderr).toMatch(/^line 2: \/backfill/m)
    expect(eventsOf((await annals(['list', '--dir', dir, '-o', 'ndjson'])).stdout)).toMatchObject([
      { action: 'a.c' },
    ])
    expect((await annals(['emit', '--dir', dir, '--backfill'])).stderr).toContain('--basis')
    expect((await annals(['emit', '--dir', dir, '--basis', 'x'])).stderr).toContain('--backfill')
  })
})
