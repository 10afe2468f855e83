import { describe, expect, it } from 'vitest'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { newTrail, STORES, temporaryDirectory } from '../trail/trail.test-support.ts'
import { clocksAt } from './clocked.test-support.ts'
import { activeHolds, foldHolds, HOLD_QUERY, heldIn, holdsOf } from './holds.ts'
import { hold, release } from './index.ts'

const ALICE = { type: 'user', id: 'alice-1' }

describe.each(STORES)('holds on the %s store', kind => {
  it('T53: a hold is set and released by entries with a reason, and stays in the list with its dates', async () => {
    const trail = await newTrail(kind)
    await trail.record('a.b')
    const actor = { type: 'user', id: 'counsel' }
    const set = await trail.perform(hold, {
      hold: 'case 7',
      reason: 'litigation',
      query: 'action:a.b',
      actor,
    })
    const end = await trail.perform(release, { hold: 'case 7', reason: 'settled', actor })
    const events = []
    for await (const event of trail.events(HOLD_QUERY)) events.push(event)
    expect(events).toMatchObject([
      {
        action: 'log.hold',
        index: set.index,
        actor,
        data: { hold: 'case 7', reason: 'litigation', query: 'action:a.b' },
      },
      { action: 'log.release', index: end.index, actor, data: { hold: 'case 7', reason: 'settled' } },
    ])
    expect(foldHolds(events)).toEqual([
      {
        name: 'case 7',
        reason: 'litigation',
        scope: { query: 'action:a.b' },
        index: set.index,
        since: events[0]?.recordedAt,
        released: { index: end.index, at: events[1]?.recordedAt, reason: 'settled' },
      },
    ])
  })

  it('setting and releasing again does nothing; another hold of the name is a conflict; a released name is free', async () => {
    const trail = await newTrail(kind)
    const first = { hold: 'h', reason: 'r', query: 'action:a' }
    const set = await trail.perform(hold, first)
    expect(await trail.perform(hold, { ...first, reason: 'again' })).toEqual(set)
    await expect(trail.perform(hold, { ...first, query: 'action:b' })).rejects.toMatchObject({
      code: 'ANNALS_CONFLICT',
    })
    const end = await trail.perform(release, { hold: 'h', reason: 'r' })
    expect(await trail.perform(release, { hold: 'h', reason: 'r' })).toEqual(end)
    expect((await trail.perform(hold, { ...first, query: 'action:b' })).index).toBeGreaterThan(end.index)
    await expect(trail.perform(release, { hold: 'x', reason: 'r' })).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
  })
})

describe('heldIn', () => {
  it('keeps exactly what query, person, chunk and operation mean, also what comes later', async () => {
    const store = await openMemory()
    const trail = await openTrail({ store })
    const [a] = await Promise.all([trail.record('a.x'), trail.record('b.x', { actor: ALICE })])
    const operation = await trail.begin('c.x', { targets: [ALICE] })
    await operation.finish('success')
    await trail.perform(hold, { hold: 'query', reason: 'r', query: 'action:a.x OR action:log.open' })
    await trail.perform(hold, { hold: 'person', reason: 'r', person: ALICE })
    await trail.perform(hold, { hold: 'operation', reason: 'r', operation: operation.id })
    await trail.perform(hold, { hold: 'chunk', reason: 'r', chunk: 0 })
    const later = await trail.record('a.x', { actor: ALICE })
    const holds = await activeHolds({ store })
    const kept = async (name: string, from = 0, to = trail.size): Promise<unknown> =>
      await heldIn(
        { store },
        holds.filter(one => one.name === name),
        from,
        to,
      )
    const at = operation.recorded.index
    expect(await kept('query')).toEqual([
      [0, 1],
      [a.index, a.index + 1],
      [later.index, later.index + 1],
    ])
    expect(await kept('person')).toEqual([
      [a.index + 1, at + 2],
      [later.index, later.index + 1],
    ])
    expect(await kept('person', at, at + 1)).toEqual([[at, at + 1]])
    expect(await kept('operation')).toEqual([[at, at + 2]])
    expect(await kept('chunk', 1, 3)).toEqual([[1, 3]])
    expect(await heldIn({ store }, holds, 0, trail.size)).toEqual([[0, trail.size]])
    expect(await heldIn({ store }, [], 0, trail.size)).toEqual([])
    await trail.close()
  })

  it('a person in a hold is named by a tag only', async () => {
    const trail = await newTrail('memory')
    await trail.perform(hold, { hold: 'h', reason: 'r', person: ALICE })
    const { events } = await trail.find('action:log.hold')
    expect(JSON.stringify(events)).not.toContain('alice')
    expect(events[0]?.data).toEqual({
      hold: 'h',
      reason: 'r',
      subject: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  it('relative times in the query of a hold mean the time at which it was set', async () => {
    const clocks = clocksAt('2026-01-10T00:00:00Z')
    const store = await openMemory({ period: 'month' })
    const trail = await openTrail({ store, clocks })
    const recorded = await trail.record('a.x')
    await trail.perform(hold, { hold: 'recent', reason: 'r', query: 'action:a.x after:7d' })
    clocks.by(10 * 86_400_000)
    await trail.record('b.x')
    const holds = await activeHolds({ store })
    expect(await heldIn({ store }, holds, 0, trail.size)).toEqual([[recorded.index, recorded.index + 1]])
    await trail.close()
  })
})

it('holds are in force after the log is opened again', async () => {
  const dir = temporaryDirectory()
  const first = await openTrail({ dir })
  await first.perform(hold, { hold: 'a', reason: 'r', query: 'action:x' })
  await first.perform(hold, { hold: 'b', reason: 'r', person: ALICE })
  await first.perform(release, { hold: 'a', reason: 'r' })
  await first.close()
  const { openEmbedded } = await import('../stores/embedded/index.ts')
  const store = await openEmbedded({ dir })
  await store.log.open()
  expect((await activeHolds({ store })).map(({ name }) => name)).toEqual(['b'])
  expect((await holdsOf({ store })).map(({ name }) => name)).toEqual(['a', 'b'])
  await store.close()
})

it.each([
  [{ hold: '', reason: 'r', query: 'a' }, '/hold'],
  [{ hold: 'x\u202e', reason: 'r', query: 'a' }, '/hold'],
  [{ hold: 'x'.repeat(129), reason: 'r', query: 'a' }, '/hold'],
  [{ hold: 'h', query: 'a' }, '/reason'],
  [{ hold: 'h', reason: 'r' }, ''],
  [{ hold: 'h', reason: 'r', query: 'a', chunk: 1 }, ''],
  [{ hold: 'h', reason: 'r', chunk: -1 }, '/chunk'],
  [{ hold: 'h', reason: 'r', person: { type: 'user' } }, '/person/id'],
  [{ hold: 'h', reason: 'for alice-1', person: ALICE }, '/reason'],
  [{ hold: 'alice-1', reason: 'r', person: ALICE }, '/hold'],
  [{ hold: 'h', reason: 'r', querry: 'a' }, '/querry'],
  [{ hold: 'h', reason: 'r', query: 'a', actor: 'bob' }, '/actor'],
])('%j is refused at %j', async (request, path) => {
  const trail = await newTrail('memory')
  await expect(trail.perform(hold, request as never)).rejects.toMatchObject({ code: 'ANNALS_INVALID', path })
})

it('a query that cannot be read and a chunk that does not exist are refused', async () => {
  const trail = await newTrail('memory')
  const refused = (more: object): Promise<unknown> =>
    trail
      .perform(hold, { hold: 'h', reason: 'r', ...more })
      .catch((error: unknown) => (error as { code: string }).code)
  expect(await refused({ query: 'action:(' })).toBe('ANNALS_QUERY')
  expect(await refused({ chunk: 99 })).toBe('ANNALS_NOT_FOUND')
})
