import { describe, expect, it } from 'vitest'
import { RETENTION_CLASSES } from '../catalog/index.ts'
import type { AuditEvent, Draft } from '../model/index.ts'
import { openEmbedded } from '../stores/embedded/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { newTrail, STORES, temporaryDirectory } from '../trail/trail.test-support.ts'
import type { Trail } from '../trail/trail.ts'
import { type ListedChunk, listChunks } from './chunks.ts'
import { clocksAt, type MovedClocks } from './clocked.test-support.ts'
import { hold } from './hold.ts'
import { release } from './release.ts'
import { retentionPlan, retentionRun } from './retention-acts.ts'
import type { PlannedRemoval } from './retention-plan.ts'
import { retentionPolicy } from './retention-policy-act.ts'
import { seal } from './seal.ts'

const DAY = 86_400_000

/** Records drafts on successive days from 2026-01-01, at noon; the clock then stands at noon of the day after. */
async function recordDays(
  trail: Trail,
  clocks: MovedClocks,
  days: readonly (readonly Draft[])[],
): Promise<void> {
  for (const drafts of days) {
    const answers = await trail.recordAll(drafts)
    expect(answers.filter(answer => 'error' in answer)).toEqual([])
    clocks.by(DAY)
  }
}

const event = (n: number, more: Partial<Draft> = {}): Draft => ({
  action: 'machine.start',
  actor: { type: 'user', id: `u${n % 3}` },
  targets: [{ type: 'machine', id: `m${n % 4}` }],
  data: { n },
  ...more,
})

async function everything(trail: Trail): Promise<AuditEvent[]> {
  return await Array.fromAsync(trail.events('', { includeLog: true }))
}

const left = (events: readonly AuditEvent[]): unknown[] =>
  events.flatMap(({ data, action }) => (action === 'machine.start' ? [(data as { n: number }).n] : []))

describe.each(STORES)('retention, %s store', kind => {
  const open = async (clocks: MovedClocks): Promise<Trail> =>
    await newTrail(kind, { clocks, sealing: 'manual' })

  it('T51: what a plan says is what a run does, and the run is stated with counts', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await recordDays(trail, clocks, [
      [event(0), event(1, { retention: 'personal' }), event(2, { retention: 'security' })],
      [event(3), event(4, { retention: 'personal' })],
      [event(5)],
    ])
    clocks.to('2026-04-02T11:59:59.999Z')
    await trail.record('machine.start', event(6))
    expect(await trail.perform(retentionPlan, {})).toMatchObject({
      removals: [{ class: 'personal', period: '2026-01-01', entries: 1, held: 0, seconds: 90 * 86_400 }],
      entries: 1,
      next: [
        { class: 'personal', period: '2026-01-02', entries: 1, due: '2026-04-02T12:00:00.000Z' },
        { class: 'standard', period: '2026-01-01', entries: 1, due: '2026-06-30T12:00:00.000Z' },
        { class: 'security', period: '2026-01-01', entries: 1, due: '2027-02-05T12:00:00.000Z' },
      ],
    })
    clocks.by(1)
    const plan = await trail.perform(retentionPlan, {})
    expect(plan.removals.map(one => [one.period, one.entries, one.due])).toEqual([
      ['2026-01-01', 1, '2026-04-01T12:00:00.000Z'],
      ['2026-01-02', 1, '2026-04-02T12:00:00.000Z'],
    ])
    expect(left(await everything(trail))).toEqual([0, 1, 2, 3, 4, 5, 6])

    const run = await trail.perform(retentionRun, { at: plan.at, plan: plan.plan })
    expect(run).toMatchObject({ removals: plan.removals, entries: 2, held: 0, plan: plan.plan, failed: [] })
    expect(left(await everything(trail))).toEqual([0, 2, 3, 5, 6])
    const stated = await Array.fromAsync(trail.events('action:log.retention'))
    expect(stated.map(({ data }) => data)).toEqual([
      { chunk: 0, class: 'personal', seconds: 7_776_000, entries: 1, held: 0 },
      expect.objectContaining({ class: 'personal', seconds: 7_776_000, entries: 1, held: 0 }),
    ])
    expect(await trail.perform(retentionPlan, {})).toMatchObject({ removals: [], entries: 0 })
  })

  it('T51: keeps the newest of each subject, in its tenant', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await trail.perform(retentionPolicy, { classes: { standard: { last: 2 } }, tenants: {}, floor: 0 })
    await recordDays(trail, clocks, [
      [0, 1, 2, 3, 4].map(n => event(n, { tenant: 'a' })),
      [5, 6, 7].map(n => event(n, { tenant: 'b' })),
      [8, 9, 12].map(n => event(n, { tenant: 'a' })),
    ])
    // Of tenant a: m0 has 0, 4, 8, 12; m1 has 1, 9; m2 and m3 one each. Of tenant b none has more than one.
    await trail.record('machine.start', event(13, { tenant: 'a' }))
    const plan = await trail.perform(retentionPlan, {})
    expect(plan.removals).toMatchObject([{ last: 2, entries: 3, held: 0 }])
    const run = await trail.perform(retentionRun, {})
    expect(run.plan).toBe(plan.plan)
    expect(left(await everything(trail))).toEqual([2, 3, 5, 6, 7, 8, 9, 12, 13])
  })

  it('keeps longer or removes earlier what a tenant has a rule of its own for', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await trail.perform(retentionPolicy, {
      classes: {},
      tenants: {
        long: { standard: 'forever' },
        short: { standard: 10 * 86_400 },
        odd: { security: 864_000 },
      },
      floor: 864_000,
    })
    await recordDays(trail, clocks, [
      [
        event(0, { tenant: 'long' }),
        event(1, { tenant: 'short' }),
        event(2, { tenant: 'odd' }),
        event(3),
        event(4, { tenant: 'long' }),
        event(5, { tenant: 'short', retention: 'security' }),
        event(6, { tenant: 'short' }),
      ],
    ])
    await trail.record('machine.start', event(7))
    clocks.to('2026-01-11T12:00:00Z')
    const first = await trail.perform(retentionRun, {})
    expect(first.removals).toMatchObject([
      { tenant: 'short', class: 'standard', entries: 2, seconds: 864_000 },
    ])
    expect(left(await everything(trail))).toEqual([0, 2, 3, 4, 5, 7])
    clocks.to('2026-06-30T12:00:00Z')
    expect(await trail.perform(retentionRun, {})).toMatchObject({ entries: 2 })
    expect(left(await everything(trail))).toEqual([0, 4, 5, 7])
    const [, base] = await Array.fromAsync(trail.events('action:log.retention'))
    expect(base?.data).toMatchObject({ class: 'standard', ranges: [expect.anything()], entries: 2 })
    expect(base?.data).not.toHaveProperty('tenant')
  })

  it('T53: a hold keeps what has expired until it is released, and then it goes', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await recordDays(trail, clocks, [[0, 1, 2, 3, 4, 5].map(n => event(n))])
    await trail.perform(hold, { hold: 'case-1', reason: 'a suit', query: 'target:machine/m1' })
    clocks.to('2026-08-01T00:00:00Z')
    await trail.record('machine.start', event(9))
    const plan = await trail.perform(retentionPlan, {})
    expect(plan.removals).toMatchObject([{ entries: 4, held: 2 }])
    expect(await trail.perform(retentionRun, {})).toMatchObject({ entries: 4, held: 2, plan: plan.plan })
    expect(left(await everything(trail))).toEqual([1, 5, 9])
    expect((await trail.perform(retentionPlan, {})).removals).toMatchObject([{ entries: 0, held: 2 }])
    await trail.perform(release, { hold: 'case-1', reason: 'settled' })
    expect(await trail.perform(retentionRun, {})).toMatchObject({ entries: 2, held: 0 })
    expect(left(await everything(trail))).toEqual([9])
    const actions = (await everything(trail)).map(({ action }) => action)
    expect(actions.filter(action => /hold|release|retention/.test(action))).toEqual([
      'log.hold',
      'log.retention',
      'log.release',
      'log.retention',
    ])
  })

  it('does nothing when the plan it is bound to no longer holds, nor ahead of time', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await recordDays(trail, clocks, [[event(0)], [event(1)], [event(2)]])
    clocks.to('2026-06-30T12:00:00Z')
    const plan = await trail.perform(retentionPlan, {})
    expect(plan.entries).toBe(1)
    await trail.perform(hold, { hold: 'h', reason: 'r', query: 'action:machine.start' })
    await expect(trail.perform(retentionRun, { plan: plan.plan })).rejects.toMatchObject({
      code: 'ANNALS_CONFLICT',
    })
    await expect(trail.perform(retentionRun, { at: '2027-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/at',
    })
    expect(await trail.perform(retentionPlan, { at: '2027-01-01T00:00:00Z' })).toMatchObject({ held: 3 })
    expect(left(await everything(trail))).toEqual([0, 1, 2])
  })

  it('believes no sudden jump of the clock', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    let ahead = 0
    const trail = await newTrail(kind, {
      clocks: { wall: () => clocks.wall() + ahead, mono: clocks.mono },
      sealing: 'manual',
    })
    await recordDays(trail, clocks, [[event(0)], [event(1)]])
    ahead = 400 * DAY
    expect(await trail.perform(retentionRun, {})).toMatchObject({ entries: 0 })
    expect(left(await everything(trail))).toEqual([0, 1])
  })

  it('an idle log expires too, up to its last event, but for the entries of the log itself', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await recordDays(trail, clocks, [[event(0)], [event(1)]])
    clocks.to('2066-01-01T00:00:00Z')
    const plan = await trail.perform(retentionPlan, {})
    expect(await trail.perform(retentionRun, {})).toMatchObject({ plan: plan.plan, entries: 2 })
    expect(left(await everything(trail))).toEqual([])
    const chunks = await trail.perform(listChunks, {})
    expect(chunks.map(({ classes }) => classes['standard'])).toEqual([undefined, undefined, undefined])
    expect(chunks[0]?.classes['ledger']).toBeGreaterThan(0)
    expect((await everything(trail)).map(({ action }) => action)).toContain('log.open')
  })

  it('a class of a dropped chunk goes from the archived copies by the longest rule, and not while there is a hold', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const store = kind === 'memory' ? await openMemory({ clock: clocks.wall }) : undefined
    const dir = temporaryDirectory()
    const open = store ?? (await openEmbedded({ dir, clock: clocks.wall }))
    const trail = await openTrail({ store: open, clocks, sealing: 'manual' })
    await trail.perform(retentionPolicy, {
      classes: {},
      tenants: { a: { standard: 200 * 86_400 }, b: { security: 'forever' } },
      floor: 0,
    })
    await recordDays(trail, clocks, [[event(0)], [event(1), event(2, { retention: 'security' })], [event(3)]])
    await trail.perform(seal, {})
    const [, second] = await trail.perform(listChunks, {})
    const lo = (second as ListedChunk).chunk
    await open.log.drop(lo)
    clocks.to('2026-07-20T00:00:00Z')
    await trail.record('machine.start', event(4))
    const due = async (): Promise<readonly PlannedRemoval[]> =>
      (await trail.perform(retentionPlan, {})).removals.filter(({ chunk }) => chunk === lo)
    expect(await due()).toEqual([])
    clocks.to('2026-07-22T00:00:00Z')
    await trail.perform(hold, { hold: 'h', reason: 'r', query: 'action:nothing.like.it' })
    expect(await due()).toMatchObject([{ class: 'standard', entries: 0, held: 1, seconds: 17_280_000 }])
    await trail.perform(release, { hold: 'h', reason: 'r' })
    expect(await due()).toMatchObject([{ class: 'standard', entries: 1, held: 0 }])
    expect(await open.keys.secrets(lo, 'standard')).toBeDefined()
    await trail.perform(retentionRun, {})
    expect(await open.keys.secrets(lo, 'standard')).toBeUndefined()
    expect(await open.keys.secrets(lo, 'security')).toBeDefined()
    clocks.to('2099-01-01T00:00:00Z')
    await trail.record('machine.start', event(5))
    expect(await due()).toEqual([])
    await trail.close()
  })

  it('states what was sealed once, also when it is asked again', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await open(clocks)
    await recordDays(trail, clocks, [[event(0)], [event(1)], [event(2)]])
    expect(await trail.perform(seal, { limit: 1 })).toMatchObject({
      sealed: [{ period: '2026-01-01' }],
      more: true,
    })
    // The statement about the first chunk ended the third.
    expect(await trail.perform(seal, {})).toMatchObject({
      sealed: [{ period: '2026-01-02' }, { period: '2026-01-03' }],
      more: false,
    })
    expect(await trail.perform(seal, {})).toEqual({ sealed: [], failed: [], more: false })
    const stated = await Array.fromAsync(trail.events('action:log.seal'))
    expect(stated.map(({ data }) => (data as { period: string }).period)).toEqual([
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
    ])
  })

  it('shipped: standard 180 days, security 400, personal 90, ledger for ever', async () => {
    expect(RETENTION_CLASSES).toEqual({ standard: 180, security: 400, personal: 90, ledger: 'forever' })
  })
})

describe('what verify says of it', () => {
  it('T52: everything goes by and by, by rules of tenants, releases and in an idle log, and the rest verifies', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await newTrail('embedded', { clocks, sealing: 'manual' })
    await trail.perform(retentionPolicy, {
      classes: { standard: 10 * 86_400 },
      tenants: { slow: { standard: 20 * 86_400 } },
      floor: 0,
    })
    await recordDays(trail, clocks, [
      [event(0)],
      [1, 2, 3, 4].map(n => event(n, n % 2 === 0 ? { tenant: 'slow' } : {})),
      [event(5), event(6, { retention: 'security' })],
    ])
    await trail.perform(hold, { hold: 'h', reason: 'r', query: 'target:machine/m1' })
    clocks.to('2026-02-01T00:00:00Z')
    const verified = async (...codes: string[]): Promise<void> => {
      const { ok, findings } = await trail.verify()
      expect({ ok, codes: findings.map(({ code }) => code) }).toEqual({ ok: true, codes })
    }
    await trail.perform(retentionRun, { at: '2026-01-15T00:00:00Z' })
    expect(left(await everything(trail))).toEqual([1, 2, 4, 5, 6])
    await verified('W_EXPIRED')
    await trail.perform(release, { hold: 'h', reason: 'r' })
    await trail.perform(retentionRun, { at: '2026-01-15T00:00:00Z' })
    expect(left(await everything(trail))).toEqual([2, 4, 6])
    await verified('W_EXPIRED')
    // The last of the second chunk go by the rule of their tenant: nothing but leaf hashes is left of it.
    await trail.perform(retentionRun, {})
    expect(left(await everything(trail))).toEqual([6])
    const chunks = await trail.perform(listChunks, {})
    expect(chunks.map(({ period, state }) => [period, state])).toContainEqual(['2026-01-02', 'dropped'])
    await verified('W_EXPIRED')
    clocks.to('2028-01-01T00:00:00Z')
    await trail.perform(retentionRun, {})
    expect(left(await everything(trail))).toEqual([])
    await verified('W_EXPIRED')
  })
})
