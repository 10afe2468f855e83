import { describe, expect, it } from 'vitest'
import type { MetricName, MetricQuery, MetricWindow } from '../measure/index.ts'
import type { AuditEvent, Draft } from '../model/index.ts'
import { newTrail, STORES } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

const START = Date.UTC(2026, 4, 1)
const DAY = 86_400_000
const METRICS: readonly MetricName[] = [
  'actors',
  'duration',
  'failureRatio',
  'operations',
  'rate',
  'rolling',
  'summary',
  'targets',
]

/** A trail whose time stands still until it is moved. */
async function clocked(
  kind: (typeof STORES)[number],
): Promise<{ readonly trail: Trail; readonly clock: { now: number } }> {
  const clock = { now: START }
  const clocks = { wall: () => clock.now, mono: () => clock.now - START }
  return { trail: await newTrail(kind, { clocks, sealing: 'manual' }), clock }
}

function did(action: string, more: Omit<Draft, 'action'> = {}): Draft {
  return { action, actor: { type: 'user', id: 'u1' }, ...more }
}

/** Every number in an answer. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(numbersIn)
}

describe.each(STORES)('metrics on %s', kind => {
  it('P29: totals over everything, from an instant, and up to one', async () => {
    const { trail, clock } = await clocked(kind)
    for (let day = 0; day < 30; day++) {
      clock.now = START + day * DAY
      await trail.recordAll(Array.from({ length: 5 }, () => did('node.connection')))
    }
    const total = async (window?: MetricWindow): Promise<number> =>
      (await trail.metric('operations', window)).value.total
    const at = (day: number): Date => new Date(START + day * DAY)
    expect(await total()).toBe(150)
    expect(await total({ from: at(10) })).toBe(100)
    expect(await total({ to: at(10) })).toBe(50)
    expect(await total({ from: at(10), to: at(11) })).toBe(5)
    expect(await total({ last: DAY })).toBe(5)
    // Known spans: 30 days of five a day.
    const rate = await trail.metric('rate', { from: at(0), to: at(30), per: 'day' })
    expect(rate.value).toEqual({ rate: 5, per: 'day', operations: 150, spanMs: 30 * DAY })
    expect((await trail.metric('rate', { from: at(0), to: at(30), per: 'hour' })).value.rate).toBeCloseTo(
      5 / 24,
    )
    const rolling = await trail.metric('rolling', { from: at(1), to: at(30), every: DAY, over: 2 })
    expect(rolling.value.points.map(({ average }) => average)).toEqual(Array.from({ length: 29 }, () => 5))
  })

  it('P29: a topic holds what is below it, on segment boundaries', async () => {
    const { trail } = await clocked(kind)
    for (const action of [
      'node',
      'node.connection',
      'node.connection.inbound',
      'node.connection.outbound',
      'nodes',
    ])
      await trail.record(action, did(action))
    const total = async (topic: string): Promise<number> =>
      (await trail.metric('operations', { topic })).value.total
    expect(await total('node.connection.inbound')).toBe(1)
    expect(await total('node.connection')).toBe(3)
    expect(await total('node')).toBe(4)
    expect(await total('')).toBe(5)
    expect(await total('node.connect')).toBe(0)
    expect(await total('constructor')).toBe(0)
  })

  it('P31: a rolling average is the mean over the last steps, also over those before the window', async () => {
    const { trail, clock } = await clocked(kind)
    for (const [minute, count] of [6, 1, 2, 3, 4].entries()) {
      clock.now = START + minute * 60_000
      await trail.recordAll(Array.from({ length: count }, () => did('a')))
    }
    const query = { from: new Date(START + 60_000), every: 60_000, over: 2 }
    const { value, window } = await trail.metric('rolling', query)
    expect(value.points.map(({ operations, average }) => [operations, average])).toEqual([
      [1, 3.5],
      [2, 1.5],
      [3, 2.5],
      [4, 3.5],
    ])
    expect([value.everyMs, value.over, value.points[0]?.from]).toEqual([60_000, 2, window.from])
    const old = await trail.metric('rolling', { from: new Date(START + 61_000), every: 60_000, over: 1 })
    expect([old.window.from, old.value.points[0]?.operations]).toEqual([window.from, 1])
  })

  it('P30: every number is finite for no event, one event, and all in one millisecond', async () => {
    const { trail } = await clocked(kind)
    const windows: MetricWindow[] = [
      {},
      { from: new Date(START) },
      { to: new Date(START) },
      { from: new Date(START), to: new Date(START) },
      { from: new Date(START + DAY) },
      { last: 1 },
      { last: DAY, to: new Date(0) },
      { topic: 'other' },
    ]
    for (const count of [0, 1, 4]) {
      if (count > 0)
        await trail.recordAll(
          Array.from({ length: count }, () => did('a', { outcome: { result: 'success', durationMs: 0 } })),
        )
      for (const name of METRICS)
        for (const window of windows) {
          const { value } = await trail.metric(name, window)
          expect(
            numbersIn(value).filter(number => !Number.isFinite(number)),
            name,
          ).toEqual([])
        }
    }
    expect((await trail.metric('rate', { per: 'hour' })).value).toEqual({
      rate: 5,
      per: 'hour',
      operations: 5,
      spanMs: 3_600_000,
    })
  })

  it('P30: the divisor is the window that was asked for, and an empty one gives zeros', async () => {
    const { trail, clock } = await clocked(kind)
    await trail.recordAll([did('a'), did('a')])
    clock.now += 10_000
    const { value, window } = await trail.metric('rate', {
      from: new Date(START - 10_000),
      to: new Date(START + 10_000),
    })
    expect(value).toEqual({ rate: 0.1, per: 'second', operations: 2, spanMs: 20_000 })
    expect(window).toEqual({
      from: new Date(START - 10_000).toISOString(),
      to: new Date(START + 10_000).toISOString(),
    })
    const empty = await trail.metric('summary', { from: new Date(START + 1) })
    expect(empty.value.operations.total).toBe(0)
    expect(empty.value.rate).toEqual({ rate: 0, per: 'second', operations: 0, spanMs: 9_999 })
    expect((await trail.metric('rate', { last: 5_000 })).value.spanMs).toBe(5_000)
    // Nothing asked: from the first to the last.
    clock.now += 10_000
    await trail.record('a', did('a'))
    expect((await trail.metric('rate')).value).toEqual({
      rate: 0.15,
      per: 'second',
      operations: 3,
      spanMs: 20_000,
    })
  })

  it('P32: an unknown metric and a window that is none are typed errors', async () => {
    const { trail } = await clocked(kind)
    const refused = async (name: string, window?: unknown): Promise<unknown[]> =>
      await trail.metric(name as 'rate', window as MetricQuery<'rate'>).then(
        () => ['answered'],
        ({ code, path, hint }) => [code, path, hint],
      )
    expect(await refused('operation')).toEqual([
      'ANNALS_INVALID',
      '/metric',
      "did you mean 'operations' or 'duration'?",
    ])
    for (const name of ['', '__proto__', 'constructor', 'default', 'then', 5, null])
      expect(await refused(name as string)).toEqual(['ANNALS_INVALID', '/metric', expect.any(String)])
    expect(() => trail.metrics('nonsense' as 'rate')).toThrow('There is no metric "nonsense".')
    for (const [window, path] of [
      [{ topic: 'a..b' }, '/topic'],
      [{ topic: 5 }, '/topic'],
      [{ tenant: 5 }, '/tenant'],
      [{ visibility: 'secret' }, '/visibility'],
      [{ from: 'yesterday' }, '/from'],
      [{ from: new Date(Number.NaN) }, '/from'],
      [{ to: new Date(-1) }, '/to'],
      [{ from: new Date(2), to: new Date(1) }, '/to'],
      [{ last: 0 }, '/last'],
      [{ last: Number.NaN }, '/last'],
      [{ last: 5, from: new Date(1) }, '/last'],
      [{ per: 'week' }, '/per'],
      [{ per: 'constructor' }, '/per'],
      [{ every: 1_000 }, '/every'],
      [{ toString: 1 }, '/toString'],
      ['', ''],
      [[], ''],
    ] as const)
      expect((await refused('rate', window)).slice(0, 2), JSON.stringify(window)).toEqual([
        'ANNALS_INVALID',
        path,
      ])
    for (const more of [
      { every: 999 },
      { every: 1_500 },
      { every: Number.NaN },
      { over: 0 },
      { over: 1.5 },
      { over: 1_001 },
    ])
      expect(await refused('rolling', more), JSON.stringify(more)).toEqual([
        'ANNALS_INVALID',
        expect.any(String),
        undefined,
      ])
    const wide = { from: new Date(0), every: 1_000 }
    expect(await refused('rolling', wide)).toEqual(['ANNALS_INVALID', '/every', 'Ask for wider steps.'])
    expect(() => trail.metrics('rate', {}, { everyMs: 1 })).toThrow(TypeError)
  })

  it('counts operations: an attempt and its outcome are one', async () => {
    const { trail } = await clocked(kind)
    const open = await trail.begin('job.run', { actor: { type: 'user', id: 'u1' } })
    expect((await trail.metric('operations')).value.total).toBe(0)
    await open.finish({ result: 'failure', durationMs: 250 })
    await trail.record('job.run', did('job.run', { outcome: { result: 'denied' } }))
    await trail.record('job.run', did('job.run'))
    expect((await trail.metric('operations')).value).toEqual({
      total: 3,
      success: 1,
      failure: 1,
      denied: 1,
      unknown: 0,
      pending: 0,
    })
    expect((await trail.metric('failureRatio')).value).toEqual({ ratio: 2 / 3, failed: 2, decided: 3 })
    expect((await trail.metric('duration')).value).toEqual({
      count: 1,
      min: 250,
      max: 250,
      mean: 250,
      p50: 250,
      p90: 250,
      p99: 250,
    })
  })

  it("the log's own events count under log only", async () => {
    const { trail } = await clocked(kind)
    await trail.record('a', did('a'))
    await trail.record('logs.rotate', did('logs.rotate'))
    expect((await trail.metric('operations')).value.total).toBe(2)
    expect((await trail.metric('operations', { topic: 'log.open' })).value.total).toBe(1)
    const own = await trail.metric('operations', { topic: 'log' })
    expect(own.value.total).toBe((await trail.count('action:log.*')).total)
    expect((await trail.metric('operations', { topic: 'log', visibility: 'owner' })).value.total).toBe(0)
  })

  it('tells actors by type and id, all targets, and nobody without an id', async () => {
    const { trail } = await clocked(kind)
    const vm = (id: string): { type: string; id: string } => ({ type: 'vm', id })
    await trail.recordAll([
      did('a', { targets: [vm('1'), vm('2')] }),
      did('a', { actor: { type: 'key', id: 'u1' }, targets: [vm('2'), { type: 'disk', id: '2' }] }),
      { action: 'a', targets: [] },
      did('a', { actor: { type: 'anonymous', id: '' } }),
    ])
    expect((await trail.metric('actors')).value).toEqual({ distinct: 2, exact: true })
    expect((await trail.metric('targets')).value).toEqual({ distinct: 3, exact: true })
  })

  it('is complete the moment record() resolves, whatever the clock says', async () => {
    const { trail, clock } = await clocked(kind)
    clock.now = START + 500
    await trail.record('a', did('a'))
    clock.now = START
    const { value, asOf } = await trail.metric('operations', { last: 1_000 })
    expect(value.total).toBe(1)
    expect(asOf).toBe(trail.size)
    const from = new Date(
      (await trail.find()).events.map((event: AuditEvent) => event.recordedAt)[0] as string,
    )
    expect((await trail.metric('operations', { from })).value.total).toBe(1)
  })

  it('is closed with the trail', async () => {
    const { trail } = await clocked(kind)
    await trail.record('a', did('a'))
    await trail.close()
    await expect(trail.metric('operations')).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    expect(() => trail.metrics('operations')).toThrow('The trail is closed.')
  })
})
