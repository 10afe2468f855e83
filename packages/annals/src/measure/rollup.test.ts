import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OUTCOME_RESULTS } from '../model/index.ts'
import { type Bucket, mergeCells } from './bucket.ts'
import { KeyedHash } from './keyed-hash.ts'
import { LEVELS, startOf, widthOf } from './levels.ts'
import { formatMetrics, parseMetrics } from './metrics-file.ts'
import { ROLLUP_LIMITS, Rollup, type RollupLimits } from './rollup.ts'
import { ALL_NEEDS, type Facts, Tally } from './tally.ts'

const KEY = new Uint8Array(32).fill(3)
const HASH = new KeyedHash(KEY)
const START = Date.UTC(2020, 0, 1)
const NEVER = new AbortController().signal
const everything = { topic: '', tenant: undefined, visibility: 'operator' } as const

function facts(n: number, action = `a.b${n % 3}`, tenant = `t${n % 4}`): Facts {
  return {
    action,
    phase: 'single',
    tenant,
    visibility: 'owner',
    outcome: { result: OUTCOME_RESULTS[n % 5] ?? 'success', durationMs: n % 700 },
    actor: { type: 'user', id: `u${n % 90}` },
    targets: [{ type: 'vm', id: `v${n}` }],
  }
}

/** Folds events that lie so far apart, tidying now and then. */
async function filled(
  count: number,
  apart: (n: number) => number,
  limits: Partial<RollupLimits> = {},
): Promise<{ readonly rollup: Rollup; readonly times: readonly number[] }> {
  const rollup = new Rollup(HASH, { ...ROLLUP_LIMITS, ...limits })
  const times: number[] = []
  let time = START
  for (let n = 0; n < count; n++) {
    time += apart(n)
    times.push(time)
    rollup.fold(time, facts(n))
    if (n % 37 === 0) await rollup.tidy(() => undefined, NEVER)
  }
  await rollup.tidy(() => undefined, NEVER)
  return { rollup, times }
}

function totalOf(rollup: Rollup, buckets: readonly Bucket[] = rollup.buckets()): Tally {
  const tally = new Tally()
  for (const bucket of buckets) mergeCells(bucket, rollup.groups.match(everything), ALL_NEEDS, tally)
  return tally
}

function numbersOf(tally: Tally): unknown {
  return [
    ...OUTCOME_RESULTS.map(result => tally.of(result)),
    tally.first,
    tally.last,
    tally.actors.count(),
    tally.durations.count,
    tally.durations.quantile(0.9),
  ]
}

/** What must hold of the buckets, whatever was folded. */
function checkBuckets(rollup: Rollup, times: readonly number[]): void {
  const buckets = rollup.buckets()
  for (const [nth, { level, start, lo, hi, first, last }] of buckets.entries()) {
    expect(start).toBe(startOf(level, first))
    expect(last).toBeLessThan(start + widthOf(level))
    expect([first, last]).toEqual([times[lo], times[hi - 1]])
    const next = buckets[nth + 1]
    if (next === undefined) continue
    expect(next.lo).toBeGreaterThanOrEqual(hi)
    expect(next.level).toBeLessThanOrEqual(level)
  }
}

const apart = fc.constantFrom(0, 1, 40, 1_000, 61_000, 7_200_000, 40 * 86_400_000, 900 * 86_400_000)

describe('a rollup', () => {
  it('holds every operation in one bucket, coarser with age, under any budget', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(apart, fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(2_000, 10_000, 1e6),
        async (stretches, bytes) => {
          const gaps = stretches.flatMap(([gap, times]) => Array.from({ length: times }, () => gap))
          const { rollup, times } = await filled(gaps.length, n => gaps[n] as number, { bytes })
          checkBuckets(rollup, times)
          const whole = new Rollup(HASH, ROLLUP_LIMITS)
          for (const [n, time] of times.entries()) whole.fold(time, facts(n))
          expect(numbersOf(totalOf(rollup))).toEqual(numbersOf(totalOf(whole)))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps seconds for a quarter of an hour, minutes for two days, hours for 90 days', async () => {
    const { rollup } = await filled(5_000, n => (n < 2_500 ? 3_600_000 : n < 4_000 ? 60_000 : 1_000))
    const newest = rollup.newest
    for (const { level, start } of rollup.buckets()) {
      const { width, keep } = LEVELS[level] as (typeof LEVELS)[number]
      expect(newest - start).toBeLessThanOrEqual(keep + 2 * widthOf(Math.min(level + 1, 5)))
      const finer = LEVELS[level - 1]
      if (finer !== undefined) expect(newest - start).toBeGreaterThanOrEqual(finer.keep - width)
    }
    expect(new Set(rollup.buckets().map(({ level }) => level))).toEqual(new Set([0, 1, 2, 3]))
  })

  it('is the same whether events come as they happen or long afterwards', async () => {
    const gap = (n: number): number => (n % 50 === 0 ? 5 * 3_600_000 : 20_000)
    const { rollup, times } = await filled(3_000, gap)
    const later = new Rollup(HASH, ROLLUP_LIMITS)
    later.expect(times.at(-1) as number)
    for (const [n, time] of times.entries()) later.fold(time, facts(n))
    const shape = (of: Rollup): unknown =>
      of.buckets().map(({ level, start, lo, hi }) => [level, start, lo, hi])
    expect(shape(later)).toEqual(shape(rollup))
    expect(numbersOf(totalOf(later))).toEqual(numbersOf(totalOf(rollup)))
  })

  it('stays within its budget of bytes, and counts on', async () => {
    const { rollup } = await filled(20_000, () => 2_500, { bytes: 60_000 })
    expect(rollup.bytes).toBeLessThanOrEqual(60_000)
    expect(totalOf(rollup).operations).toBe(20_000)
    // What is newest is still the finest.
    expect(rollup.buckets().at(-1)?.level).toBe(0)
  })

  it('stays within its number of groups, whatever is made up, and says what may be missing', async () => {
    const rollup = new Rollup(HASH, { ...ROLLUP_LIMITS, named: 10, others: 3 })
    for (let n = 0; n < 500; n++) rollup.fold(START + n, facts(n, `a${n % 25}`, `t${n}`))
    expect(rollup.groups.all.length).toBeLessThanOrEqual(10 + 3 + 1)
    expect(totalOf(rollup).operations).toBe(500)
    const ask = (topic: string, tenant?: string): unknown => {
      const tally = new Tally()
      const filter = { ...everything, topic, tenant: tenant === undefined ? undefined : HASH.of(tenant) }
      const said = rollup
        .buckets()
        .map(bucket => mergeCells(bucket, rollup.groups.match(filter), ALL_NEEDS, tally))
      return [tally.operations, said.includes('incomplete') ? 'incomplete' : 'complete']
    }
    expect(ask('', 't3')).toEqual([1, 'incomplete'])
    expect(ask('', 't499')).toEqual([0, 'incomplete'])
    expect(ask('a3')).toEqual([1, 'incomplete'])
    expect(ask('', undefined)).toEqual([500, 'complete'])
    // The log's own are always told apart.
    rollup.fold(START + 501, facts(1, 'log.open'))
    expect(ask('log')).toEqual([1, 'complete'])
    expect(totalOf(rollup).operations).toBe(500)
  })

  it('goes on after it was kept as if nothing had been', async () => {
    const gap = (n: number): number => (n % 40 === 0 ? 3 * 3_600_000 : 900)
    const { rollup, times } = await filled(2_000, gap, { bytes: 50_000, named: 8 })
    const limits = { ...ROLLUP_LIMITS, bytes: 50_000, named: 8 }
    const { position, groups } = rollup
    const bytes = formatMetrics({ position, mark: 'm', groups: groups.all, buckets: rollup.buckets() }, KEY)
    const kept = parseMetrics(bytes, KEY)
    expect(kept?.mark).toBe('m')
    const again = new Rollup(HASH, limits, kept)
    expect(again.position).toBe(2_000)
    for (let n = 2_000; n < 2_600; n++) {
      const time = (times.at(-1) as number) + (n - 2_000) * 700
      for (const one of [rollup, again]) one.fold(time, facts(n))
    }
    for (const one of [rollup, again]) await one.tidy(() => undefined, NEVER)
    expect(numbersOf(totalOf(again))).toEqual(numbersOf(totalOf(rollup)))
    expect(again.groups.all).toEqual(rollup.groups.all)
  })

  it('breaks nothing when a time goes back', () => {
    const rollup = new Rollup(HASH, ROLLUP_LIMITS)
    for (const [n, time] of [START, START - 5_000, START + 1, 0].entries()) rollup.fold(time, facts(n))
    expect(totalOf(rollup).operations).toBe(4)
  })
})

describe('what is kept', () => {
  it('is nothing under another key, cut anywhere, or with any byte altered', async () => {
    const { rollup } = await filled(30, () => 700)
    const { position, groups } = rollup
    const bytes = formatMetrics({ position, mark: '', groups: groups.all, buckets: rollup.buckets() }, KEY)
    expect(parseMetrics(bytes, KEY)?.buckets.length).toBe(rollup.buckets().length)
    expect(
      parseMetrics(
        bytes,
        KEY.map(byte => byte + 1),
      ),
    ).toBeUndefined()
    for (let at = 0; at < bytes.length; at++) {
      expect(parseMetrics(bytes.subarray(0, at), KEY)).toBeUndefined()
      const altered = Uint8Array.from(bytes, (byte, n) => (n === at ? byte ^ 0x20 : byte))
      expect(parseMetrics(altered, KEY)).toBeUndefined()
    }
  })
})
