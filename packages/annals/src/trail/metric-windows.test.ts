import { expect, it, onTestFinished } from 'vitest'
import type { MetricWindow } from '../measure/index.ts'
import type { Draft } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from './open-trail.ts'
import type { Trail } from './trail.ts'

const START = Date.UTC(2026, 0, 1, 12)

// The log's own first entry is recorded at START, in the same bucket as what follows within a second.
const at = (ms: number): Date => new Date(START + ms)
const iso = (ms: number): string => at(ms).toISOString()
const drafts = (count: number): readonly Draft[] =>
  Array.from({ length: count }, (_, n) => ({ action: 'a', actor: { type: 'user', id: `u${n % 5}` } }))

async function withEvents(
  batches: readonly (readonly [ms: number, count: number])[],
): Promise<{ readonly trail: Trail; readonly store: Awaited<ReturnType<typeof openMemory>> }> {
  let now = START
  const clocks = { wall: () => now, mono: () => now - START }
  const store = await openMemory({ period: 'hour' })
  const trail = await openTrail({ store, clocks, sealing: 'manual' })
  onTestFinished(() => trail.close())
  for (const [ms, count] of batches) {
    now = START + ms
    await trail.recordAll(drafts(count))
  }
  return { trail, store }
}

async function measured(
  trail: Trail,
  window: MetricWindow,
): Promise<readonly [number, string | null, string | null]> {
  const { value, window: taken } = await trail.metric('operations', window)
  return [value.total, taken.from, taken.to]
}

it('a window that cuts a bucket is exact: the rest is read from the log', async () => {
  const { trail } = await withEvents([
    [100, 3],
    [500, 4],
    [900, 5],
  ])
  expect(await measured(trail, { from: at(101) })).toEqual([9, iso(101), iso(901)])
  expect(await measured(trail, { from: at(500), to: at(900) })).toEqual([4, iso(500), iso(900)])
  expect(await measured(trail, { from: at(101), to: at(499) })).toEqual([0, iso(101), iso(499)])
  expect((await trail.metric('actors', { to: at(400) })).value.distinct).toBe(3)
})

it('where that would be more than 10,000 records it becomes wider, and says so', async () => {
  const { trail } = await withEvents([
    [100, 10_100],
    [500, 10_001],
    [900, 9_000],
    [5_000, 1],
  ])
  // 9,000 can be read, 19,001 cannot.
  expect(await measured(trail, { from: at(501), to: at(6_000) })).toEqual([9_001, iso(501), iso(6_000)])
  expect(await measured(trail, { from: at(101), to: at(6_000) })).toEqual([29_102, iso(0), iso(6_000)])
  expect(await measured(trail, { from: at(0), to: at(600) })).toEqual([29_101, iso(0), iso(901)])
  // What it is divided by is what was taken.
  const { value } = await trail.metric('rate', { from: at(101), to: at(2_000) })
  expect(value).toEqual({ rate: 29_101 / 2, per: 'second', operations: 29_101, spanMs: 2_000 })
})

it('a window that moves with time is never read from the log', async () => {
  const { trail } = await withEvents([
    [100, 3],
    [900, 4],
  ])
  const { value, window } = await trail.metric('operations', { last: 500 })
  expect(value.total).toBe(7)
  expect(window.from).toBe(iso(0))
  expect((await trail.metric('operations', { last: 500, to: at(901) })).value.total).toBe(4)
})

it('counts stay when content is erased, and nothing is read where content is missing', async () => {
  const { trail, store } = await withEvents([
    [100, 3],
    [900, 4],
  ])
  const before = await trail.metric('summary', { from: at(0), to: at(2_000) })
  expect((await trail.metric('actors', { from: at(500) })).value.distinct).toBe(4)
  const { events } = await trail.find('', { limit: 1 })
  await store.log.erase([[events[0]?.index as number, 'who']])
  expect(await trail.metric('summary', { from: at(0), to: at(2_000) })).toEqual(before)
  // Another cut of the same bucket: it cannot be told any more who was in it.
  expect(await measured(trail, { from: at(501), to: at(2_000) })).toEqual([7, iso(0), iso(2_000)])
})

it('counts stay when a chunk is dropped', async () => {
  const hour = 3_600_000
  const { trail, store } = await withEvents([
    [100, 3],
    [900, 4],
    [hour + 100, 5],
  ])
  await trail.flush()
  const [first] = await store.log.chunks()
  await store.log.seal(first?.lo as number)
  await store.log.drop(first?.lo as number)
  expect((await trail.count()).total).toBe(5)
  expect(await measured(trail, {})).toEqual([12, iso(100), iso(hour + 101)])
  expect(await measured(trail, { from: at(0), to: at(hour) })).toEqual([7, iso(0), iso(hour)])
  expect(await measured(trail, { from: at(500), to: at(hour) })).toEqual([7, iso(0), iso(hour)])
  expect(await measured(trail, { from: at(0), to: at(500) })).toEqual([7, iso(0), iso(901)])
})
