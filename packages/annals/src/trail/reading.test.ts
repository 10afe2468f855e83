import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { sampleDrafts } from '../testing/index.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { all, newTrail, numbers, STORES, sharedTrail, temporaryDirectory } from './trail.test-support.ts'

const TOTAL = 600

describe.each(STORES)('reading on the %s store', kind => {
  const trail = sharedTrail(kind, async one => {
    await one.recordAll([...sampleDrafts({ count: TOTAL, seed: 5 })])
  })

  it('T31: newest first and oldest first are each other’s reverse; no two events compare equal', async () => {
    const oldest = await all(trail().events())
    expect(oldest).toHaveLength(TOTAL)
    expect((await all(trail().events('', { order: 'desc' }))).reverse()).toEqual(oldest)
    expect(new Set(oldest.map(event => event.index)).size).toBe(TOTAL)
    expect((await trail().find('', { limit: 3 })).events).toEqual(oldest.slice(-3).reverse())
    expect((await trail().find('', { limit: 3, order: 'asc' })).events).toEqual(oldest.slice(0, 3))
  })

  it('T29 T30: filters select exactly the events that have the value, AND across, OR within', async () => {
    const events = await all(trail().events())
    const sample = events[TOTAL / 2] as AuditEvent
    const tag = Object.entries(sample.tags ?? {})[0] as [string, string]
    const target = sample.targets[0]
    const cases: [string, (event: AuditEvent) => boolean][] = [
      [`action:${sample.action}`, event => event.action === sample.action],
      [`outcome:failure OR outcome:denied`, event => ['failure', 'denied'].includes(event.outcome.result)],
      [`outcome:failure,denied`, event => ['failure', 'denied'].includes(event.outcome.result)],
      [`actor.id:"${sample.actor.id}"`, event => hasActor(event.actor, sample.actor.id)],
      [`target.id:"${target?.id}"`, event => event.targets.some(one => one.id === target?.id)],
      [`tenant:"${sample.tenant}"`, event => event.tenant === sample.tenant],
      [`project:"${sample.project}"`, event => event.project === sample.project],
      [`tag.${tag[0]}:"${tag[1]}"`, event => event.tags?.[tag[0]] === tag[1]],
      [`request:"${sample.origin.requestId}"`, event => event.origin.requestId === sample.origin.requestId],
      [
        `corr:"${sample.origin.correlationId}"`,
        event => event.origin.correlationId === sample.origin.correlationId,
      ],
      [
        `tenant:"${sample.tenant}" -outcome:success`,
        event => event.tenant === sample.tenant && event.outcome.result !== 'success',
      ],
      [
        `after:${events[100]?.occurredAt} before:${events[300]?.occurredAt}`,
        event => event.occurredAt >= events[100]!.occurredAt && event.occurredAt < events[300]!.occurredAt,
      ],
    ]
    for (const [query, holds] of cases) {
      const expected = events.filter(holds).map(event => event.index)
      expect(
        (await all(trail().events(query))).map(event => event.index),
        query,
      ).toEqual(expected)
      expect(expected.length, query).toBeGreaterThan(0)
      expect((await trail().count(query)).total, query).toBe(expected.length)
    }
    await expect(trail().find('colour:red')).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
  })

  it('T36: a filter without a match is [] at once, without a cursor', async () => {
    expect(await trail().find('action:never.recorded')).toMatchObject({ events: [] })
    expect(await all(trail().events('actor.id:nobody'))).toEqual([])
    expect(await trail().count('actor.id:nobody', ['action'])).toEqual({
      total: 0,
      groups: [],
      complete: true,
      asOf: trail().size,
    })
  })

  it('T35: 50 by default, 1,000 at most, 0 is none; what is left has a cursor', async () => {
    expect((await trail().find()).events).toHaveLength(50)
    expect((await trail().find('', { limit: 5_000 })).events).toHaveLength(TOTAL)
    const none = await trail().find('', { limit: 0 })
    expect(none.events).toEqual([])
    expect(none.next).toBeUndefined()
    expect((await trail().find()).next).toBeDefined()
  })

  it('T33: a cursor that was tampered with, or belongs to another query or order, is refused', async () => {
    const { next } = await trail().find('outcome:success', { limit: 5 })
    const refused = { code: 'ANNALS_CURSOR' }
    await expect(trail().find('outcome:failure', { cursor: next })).rejects.toMatchObject(refused)
    await expect(trail().find('outcome:success', { cursor: next, order: 'asc' })).rejects.toMatchObject(
      refused,
    )
    for (const cursor of ['', 'x', `${next}x`, next!.slice(1), next!.slice(0, -2), 'eyJ2IjoxfQ'])
      await expect(trail().find('outcome:success', { cursor }), cursor).rejects.toMatchObject(refused)
    expect((await trail().find('outcome:success', { cursor: next, limit: 5 })).events).toHaveLength(5)
  })

  it('T47: counts by type, actor and outcome per interval equal a brute-force count', async () => {
    const events = await all(trail().events())
    const groupings: [string[], (event: AuditEvent) => (string | null)[]][] = [
      [['action'], event => [event.action]],
      [['outcome'], event => [event.outcome.result]],
      [['tenant', 'outcome'], event => [event.tenant ?? null, event.outcome.result]],
    ]
    for (const [by, values] of groupings) {
      const counted = await trail().count('', by)
      const expected = new Map<string, number>()
      for (const event of events) {
        const key = JSON.stringify(values(event))
        expected.set(key, (expected.get(key) ?? 0) + 1)
      }
      expect(counted.total).toBe(TOTAL)
      expect(
        new Map(counted.groups.map(group => [JSON.stringify(by.map(name => group.key[name])), group.count])),
      ).toEqual(expected)
      const sizes = counted.groups.map(group => group.count)
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
    }
    const hours = await trail().count('', ['hour'])
    expect(hours.groups.reduce((sum, group) => sum + group.count, 0)).toBe(TOTAL)
  })

  it('get finds by id and position, and nothing else', async () => {
    const [event] = await all(trail().events('', { limit: 1 }))
    expect(await trail().get(event!.id)).toEqual(event)
    expect(await trail().get(event!.index)).toEqual(event)
    for (const at of [
      -1,
      1.5,
      Number.NaN,
      1e9,
      '',
      'x',
      event!.id.toUpperCase(),
      '019aa56f-9000-7000-8000-000000000001',
    ])
      expect(await trail().get(at)).toBeUndefined()
  })

  it('T50: a receipt names the event under a signed checkpoint, also for one just recorded', async () => {
    const { index, id } = await trail().record('receipt.wanted')
    expect(await trail().receipt(id)).toContain('c2sp.org/tlog-proof@v1')
    expect(await trail().receipt(index)).toBe(await trail().receipt(id))
    await expect(trail().receipt(index + 1_000)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
    await expect(trail().receipt('x')).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  })
})

describe.each(STORES)('walking on the %s store', kind => {
  it('T32 T34: pages of any size give each event once, both ways, while a writer appends; late arrivals are seen by position', async () => {
    const trail = await newTrail(kind)
    await trail.recordAll([...sampleDrafts({ count: 250, seed: 9 })])
    let running = true
    let written = 0
    const writer = (async () => {
      while (running) {
        await trail.record('late', { occurredAt: '2001-01-01T00:00:00Z', data: { n: written++ } })
        await turn()
      }
    })()
    for (const limit of [1, 7, 50, 249, 250, 251, 1_000]) {
      for (const order of ['asc', 'desc'] as const) {
        const seen: number[] = []
        let asOf = 0
        let cursor: string | undefined
        do {
          const page = await trail.find('', { limit, order, cursor })
          if (cursor !== undefined) expect(page.asOf).toBe(asOf)
          asOf = page.asOf
          seen.push(...page.events.map(event => event.index))
          cursor = page.next
          expect(page.events.length === limit || cursor === undefined).toBe(true)
          if (limit === 1 && seen.length > 120) break
        } while (cursor !== undefined)
        const expected = (await all(trail.events('', { seekEnd: asOf, order }))).map(event => event.index)
        expect(seen, `${limit} ${order}`).toEqual(expected.slice(0, limit === 1 ? seen.length : undefined))
      }
    }
    running = false
    await writer
    expect(numbers(await all(trail.events('action:late')))).toEqual(
      Array.from({ length: written }, (_, n) => n),
    )
  })
})

it('T33 T11: a cursor survives a restart; names are those of their time', async () => {
  const dir = temporaryDirectory()
  const first = await openTrail({ dir })
  for (const name of ['Old Name', 'New Name'])
    for (let n = 0; n < 10; n++)
      await first.record('a', { actor: { type: 'user', id: 'u', name }, data: { n } })
  const page = await first.find('actor.id:u', { limit: 12 })
  await first.close()
  await using reader = await openReader({ dir })
  const rest = await reader.find('actor.id:u', { limit: 100, cursor: page.next })
  expect([...page.events, ...rest.events].map(event => event.actor.name)).toEqual([
    ...Array.from({ length: 10 }, () => 'New Name'),
    ...Array.from({ length: 10 }, () => 'Old Name'),
  ])
  for (const name of ['"Old Name"', '"New Name"'])
    expect((await reader.count(`actor:${name}`)).total).toBe(10)
})

function hasActor(actor: AuditEvent['actor'], id: string): boolean {
  return actor.id === id || (actor.onBehalfOf !== undefined && hasActor(actor.onBehalfOf, id))
}
