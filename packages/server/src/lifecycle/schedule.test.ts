import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../log/create-log.ts'
import { type RunMemory, runFile } from './run-memory.ts'
import { Schedule, type Task } from './schedule.ts'
import { nextAt } from './tasks.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const log = createLog('silent')
const NOON = Date.parse('2026-03-01T12:00:00Z')

let root = ''
let files = 0
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'annals-schedule-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A schedule with one task of every day at two, and a clock to be set. */
async function daily(
  start: number,
  {
    path = join(root, `${files++}.json`),
    work = async () => {},
  }: { path?: string; work?: () => Promise<void> } = {},
): Promise<{ ran: number[]; clock: { now: number }; schedule: Schedule; path: string; memory: RunMemory }> {
  const clock = { now: start }
  const ran: number[] = []
  const task: Task = {
    name: 'retention',
    next: after => nextAt('02:00', after),
    async run() {
      ran.push(clock.now)
      await work()
      return { counts: { entries: ran.length }, complete: true }
    },
  }
  const memory = runFile(path, () => clock.now)
  return { ran, clock, path, memory, schedule: await Schedule.open([task], memory, log, () => clock.now) }
}

describe('nextAt', () => {
  it.each([
    ['02:00', '2026-03-01T01:59:59.999Z', '2026-03-01T02:00:00.000Z'],
    ['02:00', '2026-03-01T02:00:00.000Z', '2026-03-02T02:00:00.000Z'],
    ['00:00', '2026-02-28T12:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['23:59', '2026-12-31T23:59:00.000Z', '2027-01-01T23:59:00.000Z'],
  ])('%s after %s is %s', (at, after, next) => {
    expect(new Date(nextAt(at, Date.parse(after))).toISOString()).toBe(next)
  })
})

describe('Schedule', () => {
  it('runs what is due, once, and tells when and how', async () => {
    const { ran, clock, schedule } = await daily(NOON)
    await schedule.look()
    expect(ran).toEqual([])
    expect(schedule.states['retention']).toEqual({ running: false, next: '2026-03-02T02:00:00.000Z' })
    clock.now = NOON + 14 * HOUR + 5
    await schedule.look()
    await schedule.look()
    expect(ran).toEqual([clock.now])
    expect(schedule.states['retention']).toEqual({
      running: false,
      next: '2026-03-03T02:00:00.000Z',
      last: {
        begun: '2026-03-02T02:00:00.005Z',
        ended: '2026-03-02T02:00:00.005Z',
        outcome: 'done',
        counts: { entries: 1 },
      },
    })
  })

  it('a clock that jumps ahead brings one run; one that is set back puts none off', async () => {
    const { ran, clock, schedule } = await daily(NOON)
    clock.now = NOON + 100 * DAY
    await schedule.look()
    await schedule.look()
    expect(ran).toHaveLength(1)
    clock.now = NOON
    await schedule.look()
    expect(schedule.states['retention']?.next).toBe('2026-03-02T02:00:00.000Z')
    clock.now = NOON + DAY
    await schedule.look()
    expect(ran).toHaveLength(2)
  })

  it('two never run at a time, however often it looks', async () => {
    let running = 0
    let most = 0
    const { clock, schedule, ran } = await daily(NOON, {
      async work() {
        most = Math.max(most, ++running)
        await new Promise(resolve => setTimeout(resolve, 5))
        running--
      },
    })
    clock.now = NOON + DAY
    await Promise.all([schedule.look(), schedule.look(), schedule.look()])
    expect([most, ran.length]).toEqual([1, 1])
  })

  it('a failure is told, and does not end it', async () => {
    let fails = true
    const { clock, schedule } = await daily(NOON, {
      async work() {
        if (fails) throw Object.assign(new Error('secret detail'), { code: 'ANNALS_STORE' })
      },
    })
    clock.now += DAY
    await schedule.look()
    expect(schedule.states['retention']?.last).toMatchObject({ outcome: 'failed', code: 'ANNALS_STORE' })
    expect(JSON.stringify(schedule.states)).not.toContain('secret')
    fails = false
    clock.now += DAY
    await schedule.look()
    expect(schedule.states['retention']?.last).toMatchObject({ outcome: 'done' })
  })

  it('what fell due while it was down is made up for, once', async () => {
    const first = await daily(NOON)
    first.clock.now = NOON + DAY
    await first.schedule.look()
    await first.schedule.close()
    const again = await daily(NOON + 9 * DAY, { path: first.path })
    expect(again.schedule.states['retention']?.last).toMatchObject({ outcome: 'done' })
    await again.schedule.look()
    await again.schedule.look()
    expect(again.ran).toHaveLength(1)
    await again.schedule.close()
    const soon = await daily(NOON + 9 * DAY + HOUR, { path: first.path })
    await soon.schedule.look()
    expect(soon.ran).toEqual([])
  })

  it('also when it was never up at that time: every evening a server is started, and stopped', async () => {
    const { path } = await daily(NOON)
    const next = await daily(NOON + DAY, { path })
    await next.schedule.look()
    expect(next.ran).toHaveLength(1)
  })

  it('a note that is damaged costs nothing but the memory', async () => {
    const { path } = await daily(NOON)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ v: 1, runs: {} })
    for (const text of ['', '{', '[]', '{"v":1,"since":"x","runs":{}}']) {
      writeFileSync(path, text)
      const { schedule, ran } = await daily(NOON + 50 * DAY, { path })
      await schedule.look()
      expect(ran).toEqual([])
    }
  })

  it('begins nothing once it is closed', async () => {
    const { clock, schedule, ran } = await daily(NOON)
    await schedule.close()
    clock.now += DAY
    await schedule.look()
    expect(ran).toEqual([])
  })
})
