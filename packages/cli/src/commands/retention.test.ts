import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReader, openTrail } from 'annals'
import type { RetentionPlan, RetentionRun } from 'annals/lifecycle'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../run.ts'
import { captureProcess, type Pretended } from '../testing/capture.ts'
import { linesOf } from '../testing/log.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const DAY = 86_400_000
const temporary = temporaryDirectories()
let template = ''

/** When the events begin: those of standard have expired for long, those of security have not for as long. */
const START = Math.floor(Date.now() / DAY) * DAY - 300 * DAY + DAY / 2
const at = (days: number): string => new Date(START + days * DAY).toISOString()

/** Three months of events that ended 210 days ago. */
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'annals-cli-'))
  let now = START
  const clocks = { wall: () => now, mono: () => now }
  const trail = await openTrail({ dir: template, period: 'month', clocks, sealing: 'manual' })
  for (let day = 0; day < 90; day += 10, now += 10 * DAY) {
    await trail.recordAll([
      { action: 'machine.start', targets: [{ type: 'machine', id: 'web-1' }], tenant: 'acme' },
      { action: 'machine.stop', targets: [{ type: 'machine', id: 'web-2' }] },
      { action: 'login', retention: 'security' },
    ])
  }
  await trail.close()
})
afterAll(() => rmSync(template, { recursive: true, force: true }))

function log(): string {
  const dir = temporary()
  cpSync(template, dir, { recursive: true })
  return dir
}

async function annals(
  words: readonly string[],
  pretended: Pretended = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const process = captureProcess(pretended)
  const code = await run(words, process)
  return { code, stdout: process.stdout.text, stderr: process.stderr.text }
}

async function actionsIn(dir: string): Promise<string[]> {
  await using reader = await openReader({ dir })
  return (await Array.fromAsync(reader.events())).map(({ action }) => action)
}

const TTY: Pretended = { isTTY: true, columns: 80, env: { LANG: 'C.UTF-8', NO_COLOR: '1', ANNALS_TZ: 'UTC' } }

test('48: run asks; where nobody can be asked it refuses with 2, and nothing is removed', async () => {
  const dir = log()
  const before = await actionsIn(dir)
  const { code, stdout, stderr } = await annals(['retention', 'run', '--dir', dir])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/--yes/)
  expect(await actionsIn(dir)).toEqual(before)
})

test('48: what the plan says is what the run then removes; a held event survives', async () => {
  const dir = log()
  const held = await annals([
    'hold',
    'add',
    'case',
    '--query',
    'target:machine/web-2',
    '--reason',
    'suit',
    '--dir',
    dir,
  ])
  expect(held.code).toBe(0)
  const planned = await annals(['retention', 'plan', '--dir', dir, '-o', 'json'])
  expect(planned.code).toBe(0)
  const plan = JSON.parse(planned.stdout) as RetentionPlan
  expect(plan).toMatchObject({ entries: 9, held: 9 })
  const done = await annals(['retention', 'run', '--yes', '--dir', dir, '-o', 'json'])
  expect(done.code).toBe(0)
  const ran = JSON.parse(done.stdout) as RetentionRun
  expect(ran).toMatchObject({ plan: plan.plan, removals: plan.removals, entries: 9, held: 9 })
  const left = await actionsIn(dir)
  expect(left.filter(action => action === 'machine.start')).toEqual([])
  expect(left.filter(action => action === 'machine.stop')).toHaveLength(9)
  expect(left.filter(action => action === 'login')).toHaveLength(9)
  expect((await annals(['verify', '--dir', dir])).code).toBe(0)
})

test('on a terminal it shows the plan and asks; only yes removes', async () => {
  const dir = log()
  const before = await actionsIn(dir)
  const no = await annals(['retention', 'run', '--dir', dir], { ...TTY, stdin: 'n\n' })
  expect(no.code).toBe(2)
  expect(await actionsIn(dir)).toEqual(before)
})

test('tables fit 80 columns', async () => {
  const dir = log()
  for (const words of [
    ['chunk', 'list'],
    ['retention', 'plan'],
    ['retention', 'show'],
  ]) {
    const { code, stdout } = await annals([...words, '--dir', dir], TTY)
    expect(code).toBe(0)
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
    expect(stdout.split('\n').length).toBeGreaterThan(3)
  }
})

test('plan --at says what will be due; a time that is none is a mistake', async () => {
  const dir = log()
  const { stdout } = await annals(['retention', 'plan', '--at', at(2_000), '--dir', dir, '-o', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ entries: 27, next: [] })
  const early = await annals(['retention', 'plan', '--at', at(40), '--dir', dir, '-o', 'json'])
  expect(JSON.parse(early.stdout)).toMatchObject({
    entries: 0,
    next: [{ class: 'standard' }, { class: 'security' }],
  })
  expect((await annals(['retention', 'plan', '--at', 'whenever', '--dir', dir])).code).toBe(2)
})

test('set lays down rules, show says where each comes from, and a bad rule names its place', async () => {
  const dir = log()
  const file = join(dir, '..', `${dir.split('/').at(-1)}.json`)
  writeFileSync(
    file,
    JSON.stringify({ classes: { standard: '2d' }, tenants: { acme: { standard: 'forever' } }, floor: '1d' }),
  )
  try {
    const set = await annals(['retention', 'set', file, '--dir', dir])
    expect(set).toMatchObject({ code: 0, stderr: expect.stringContaining('the policy is in force') })
    const shown = await annals(['retention', 'show', '--dir', dir])
    expect(shown.stdout.split('\n')).toContain('standard\t\t2 days\tlog.policy')
    expect(shown.stdout.split('\n')).toContain('standard\tacme\tfor ever\tlog.policy')
    expect(shown.stdout.split('\n')).toContain('personal\t\t90 days\tshipped')
    writeFileSync(file, JSON.stringify({ classes: { ledger: '2d' } }))
    const refused = await annals(['retention', 'set', file, '--dir', dir])
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('/classes/ledger') })
    writeFileSync(file, 'classes:')
    expect((await annals(['retention', 'set', file, '--dir', dir])).code).toBe(2)
  } finally {
    rmSync(file)
  }
})

test('chunk seal seals what has ended, and chunk list says so', async () => {
  const dir = log()
  const sealed = await annals(['chunk', 'seal', '--dir', dir, '-o', 'ndjson'])
  expect(sealed.code).toBe(0)
  const chunks = linesOf(sealed.stdout) as { period: string }[]
  expect(chunks.length).toBeGreaterThan(2)
  const listed = linesOf((await annals(['chunk', 'list', '--dir', dir, '-o', 'ndjson'])).stdout)
  expect(listed.slice(0, -1)).toMatchObject(
    chunks.map(({ period }) => ({ period, state: 'sealed', expires: { class: 'standard' } })),
  )
  expect(listed.at(-1)).toMatchObject({ state: 'open', classes: { ledger: expect.any(Number) } })
  expect(await annals(['chunk', 'seal', '--dir', dir], TTY)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('nothing to seal'),
  })
})

test('without a log there is nothing to say: 4', async () => {
  for (const words of [
    ['chunk', 'list'],
    ['chunk', 'seal'],
    ['retention', 'show'],
    ['retention', 'plan'],
  ])
    expect((await annals([...words, '--dir', join(temporary(), 'none')])).code).toBe(4)
})
