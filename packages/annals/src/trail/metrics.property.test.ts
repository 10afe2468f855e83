import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Measured, MetricWindow } from '../measure/index.ts'
import { operationsIn, reference } from '../measure/reference.test-support.ts'
import type { AuditEvent, Draft } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from './open-trail.ts'
import { all } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

const START = Date.UTC(2026, 2, 1, 10)
const ACTIONS = ['a', 'a.b', 'a.b.c', 'a.bc', 'b.a', 'log', 'logs.x']

const draft: fc.Arbitrary<Draft> = fc.record(
  {
    action: fc.constantFrom(...ACTIONS.filter(action => action !== 'log')),
    tenant: fc.constantFrom('acme', 'umbra'),
    actor: fc.record({ type: fc.constantFrom('user', 'key'), id: fc.constantFrom('u1', 'u2', 'u3') }),
    targets: fc.array(fc.record({ type: fc.constantFrom('vm', 'disk'), id: fc.nat(9).map(n => `t${n}`) }), {
      maxLength: 3,
    }),
    outcome: fc.record(
      {
        result: fc.constantFrom('success', 'failure', 'denied', 'unknown', 'pending'),
        durationMs: fc.oneof(fc.nat(10_000), fc.double({ min: 0, max: 1e7, noNaN: true })),
      },
      { requiredKeys: ['result'] },
    ),
    visibility: fc.constantFrom('public', 'owner', 'operator'),
  },
  { requiredKeys: ['action'] },
) as fc.Arbitrary<Draft>

/** Milliseconds from one event to the next: in one instant, or apart by any unit that buckets have. */
const pause = fc.oneof(
  fc.constant(0),
  fc.nat(3),
  fc.nat(2_000),
  fc.nat(120_000),
  fc.nat(3 * 3_600_000),
  fc.nat(5 * 86_400_000),
)
const step = fc.record({ pause, draft, attempt: fc.boolean() })
/** An instant: a share of the time between the first and the last event, or a millisecond beside an event or at it. */
const place = fc.oneof(
  fc.record({ share: fc.double({ min: -0.1, max: 1.1, noNaN: true }) }),
  fc.record({ event: fc.nat(60), beside: fc.integer({ min: -1, max: 1 }) }),
)
const window = fc.record(
  {
    topic: fc.constantFrom('', ...ACTIONS),
    tenant: fc.constantFrom('acme', 'umbra', 'nobody', ''),
    visibility: fc.constantFrom('public' as const, 'owner' as const, 'operator' as const),
    from: place,
    to: place,
    last: fc.nat(40 * 86_400_000).map(ms => ms + 1),
  },
  { requiredKeys: [] },
)

it('equals a fold over all events, for any events, topics, tenants and windows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.array(window, { minLength: 6, maxLength: 6 }),
      async (steps, windows) => {
        let now = START
        const clocks = { wall: () => now, mono: () => now - START }
        const trail = await openTrail({ store: await openMemory(), clocks, sealing: 'manual' })
        try {
          for (const { pause, draft, attempt } of steps) {
            now += pause
            if (attempt) await attempted(trail, draft)
            else await trail.record(draft.action, draft)
          }
          const events = await all(trail.events('', { includeLog: true }))
          for (const asked of windows) await compare(trail, events, resolve(asked, events, now), now)
        } finally {
          await trail.close()
        }
      },
    ),
    { numRuns: 40 },
  )
})

async function attempted(trail: Trail, { outcome, ...draft }: Draft): Promise<void> {
  const operation = await trail.begin(draft.action, draft)
  // No outcome is pending.
  const isOpen = typeof outcome !== 'object' || outcome.result === 'pending'
  await operation.finish(isOpen ? { result: 'success' } : outcome)
}

function resolve(
  { from, to, last, ...rest }: typeof window extends fc.Arbitrary<infer W> ? W : never,
  events: readonly AuditEvent[],
  now: number,
): MetricWindow {
  const at = (place: NonNullable<typeof from>): Date => {
    if ('share' in place) return new Date(Math.round(START + place.share * (now - START)))
    const event = events[place.event % events.length] as AuditEvent
    return new Date(Date.parse(event.recordedAt) + place.beside)
  }
  const [first, second] = [from, to].map(place => (place === undefined ? undefined : at(place)))
  if (first !== undefined && second !== undefined && first > second)
    return { ...rest, from: second, to: first }
  if (last !== undefined) return { ...rest, last, ...(second === undefined ? {} : { to: second }) }
  return {
    ...rest,
    ...(first === undefined ? {} : { from: first }),
    ...(second === undefined ? {} : { to: second }),
  }
}

async function compare(
  trail: Trail,
  events: readonly AuditEvent[],
  asked: MetricWindow,
  now: number,
): Promise<void> {
  const { value, window, complete, asOf } = await trail.metric('summary', asked)
  const taken = {
    ...asked,
    from: window.from === null ? 0 : Date.parse(window.from),
    to: window.to === null ? now + 1 : Date.parse(window.to),
  }
  const expected = reference(events, taken)
  expect(complete).toBe(true)
  expect(asOf).toBe(events.length)
  checkWindow(asked, window, expected, now)
  expect(value.operations).toEqual({ total: expected.total, ...expected.counts })
  expect(value.actors).toEqual({ distinct: expected.actors, exact: true })
  expect(value.targets).toEqual({ distinct: expected.targets, exact: true })
  const { success = 0, failure = 0, denied = 0 } = expected.counts
  const decided = success + failure + denied
  expect(value.failureRatio).toEqual({
    ratio: decided === 0 ? 0 : (failure + denied) / decided,
    failed: failure + denied,
    decided,
  })
  const { durations } = expected
  expect(value.duration.count).toBe(durations.length)
  for (const [name, q] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p99', 0.99],
  ] as const) {
    const exact = durations[Math.ceil(q * durations.length) - 1] ?? 0
    expect(Math.abs(value.duration[name] - exact)).toBeLessThanOrEqual(Math.max(0.001, exact * 0.010_001))
  }
  expect([value.duration.min, value.duration.max]).toEqual([durations[0] ?? 0, durations.at(-1) ?? 0])
  const mean = durations.reduce((sum, one) => sum + one, 0) / Math.max(1, durations.length)
  expect(value.duration.mean).toBeCloseTo(mean, 3)
  const span = value.rate.spanMs
  expect(value.rate.rate).toBe(span === 0 ? 0 : (expected.total * 1_000) / span)
  for (const name of ['operations', 'rate', 'failureRatio', 'actors', 'targets', 'duration'] as const)
    expect((await trail.metric(name, asked)).value).toEqual(value[name])
}

/** What was asked for, exactly; wider only where the window moves with time. */
function checkWindow(
  { from, to, last }: MetricWindow,
  taken: Measured['window'],
  { first, last: newest }: ReturnType<typeof reference>,
  now: number,
): void {
  const iso = (time: number | undefined): string | null =>
    time === undefined ? null : new Date(time).toISOString()
  if (last !== undefined && to === undefined) {
    expect(Date.parse(taken.from as string)).toBeLessThanOrEqual(now + 1 - last)
    expect(Date.parse(taken.to as string)).toBeGreaterThanOrEqual(now)
    return
  }
  if (from !== undefined) expect(taken.from).toBe(from.toISOString())
  else if (last !== undefined) expect(taken.from).toBe(iso(Math.max(0, (to as Date).getTime() - last)))
  else expect(taken.from).toBe(iso(first))
  if (to !== undefined) expect(taken.to).toBe(to.toISOString())
  else if (from === undefined) expect(taken.to).toBe(iso(newest === undefined ? undefined : newest + 1))
}

it('a rolling average is the mean of its steps, which together hold the window', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 50 }),
      window,
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom(undefined, 1, 30, 600, 3_600, 90_000, 9 * 86_400),
      async (steps, asked, over, seconds) => {
        let now = START
        const clocks = { wall: () => now, mono: () => now - START }
        const trail = await openTrail({ store: await openMemory(), clocks, sealing: 'manual' })
        try {
          for (const { pause, draft } of steps) {
            now += pause
            await trail.record(draft.action, draft)
          }
          const events = await all(trail.events('', { includeLog: true }))
          const every = seconds === undefined ? undefined : seconds * 1_000
          const query = { ...resolve(asked, events, now), over, ...(every === undefined ? {} : { every }) }
          const measured = await trail.metric('rolling', query).catch(error => {
            // Too many steps for the window: told, not cut.
            expect([error.code, error.path]).toEqual(['ANNALS_INVALID', '/every'])
          })
          if (measured === undefined) return
          const { everyMs, points } = measured.value
          if (every !== undefined) expect(everyMs).toBeGreaterThanOrEqual(every)
          const times = operationsIn(events, { ...query, from: 0, to: Number.MAX_SAFE_INTEGER }).map(event =>
            Date.parse(event.recordedAt),
          )
          const at = (from: number): number =>
            times.filter(time => time >= from && time < from + everyMs).length
          expect(measured.window.from).toBe(points[0]?.from)
          for (const { from, operations, average } of points) {
            const begin = Date.parse(from)
            expect(begin % everyMs).toBe(0)
            expect(operations).toBe(at(begin))
            const sum = Array.from({ length: over }, (_, n) => at(begin - n * everyMs)).reduce(
              (a, b) => a + b,
            )
            expect(average).toBeCloseTo(sum / over, 9)
          }
          expect(Date.parse(measured.window.to as string)).toBe(
            Date.parse(points.at(-1)?.from as string) + everyMs,
          )
        } finally {
          await trail.close()
        }
      },
    ),
    { numRuns: 40 },
  )
})
