import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditEvent, OUTCOME_RESULTS } from '../../model/index.ts'
import { sampleDrafts } from '../../testing/index.ts'
import type { LocalTrail } from '../local-trail.ts'
import { all, newTrail, STORES, sharedTrail } from '../trail.test-support.ts'
import { entitySummary } from './entity-summary.ts'
import { facets } from './facets.ts'
import { type Histogram, histogram } from './histogram.ts'
import { related } from './related.ts'

const HOUR = 3_600_000
const ME = { type: 'user', id: 'me' }

describe.each(STORES)('questions on the %s store', kind => {
  const trail = sharedTrail(kind, async one => {
    await one.recordAll([
      ...sampleDrafts({ count: 1_500, seed: 8, start: '2026-10-23T00:00:00Z', rate: 0.004 }),
    ])
  })

  it('T47: a histogram is the brute-force count of each bucket by outcome, in every zone and range, filtered or not', async () => {
    const queries = ['', '-outcome:success', 'outcome:failure,denied', 'actor.type:user']
    const known = new Map<string, readonly AuditEvent[]>()
    for (const query of queries) known.set(query, await all(trail().events(query)))
    const times = (known.get('') ?? []).map(({ occurredAt }) => Date.parse(occurredAt))
    const [oldest, newest] = [Math.min(...times), Math.max(...times)]
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          query: fc.constantFrom(...queries),
          timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/New_York'),
          begin: fc.integer({ min: oldest - HOUR, max: newest }),
          length: fc.integer({ min: 1, max: newest - oldest }),
          ends: fc.constantFrom('both', 'from', 'to', 'none'),
          buckets: fc.integer({ min: 2, max: 120 }),
        }),
        async ({ query, timeZone, begin, length, ends, buckets }) => {
          const from = ends === 'both' || ends === 'from' ? new Date(begin) : undefined
          const to = ends === 'both' || ends === 'to' ? new Date(begin + length) : undefined
          const found = await histogram(trail(), { query, timeZone, from, to, buckets })
          const matches = (known.get(query) ?? []).filter(({ occurredAt }) => {
            const time = Date.parse(occurredAt)
            return time >= (from?.getTime() ?? 0) && time < (to?.getTime() ?? Number.POSITIVE_INFINITY)
          })
          expectCounts(found, matches)
          expect(found.edges.length).toBeLessThanOrEqual(buckets + 1)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('2026-10-25 in Berlin has 25 bars of an hour, whose events are those of the day', async () => {
    const found = await histogram(trail(), {
      query: 'during:2026-10-25',
      timeZone: 'Europe/Berlin',
      buckets: 25,
    })
    expect(found.edges).toHaveLength(26)
    expect(found.outside).toBe(0)
    const matches = await all(trail().events('during:2026-10-25', { timeZone: 'Europe/Berlin' }))
    expect(matches.length).toBeGreaterThan(20)
    expectCounts(found, matches)
  })

  it('a histogram of nothing has no buckets; impossible ones are refused', async () => {
    expect(await histogram(trail(), { query: 'actor:nobody' })).toMatchObject({
      edges: [],
      total: 0,
      complete: true,
    })
    const ends = { from: new Date('2026-10-26'), to: new Date('2026-10-25') }
    await expect(histogram(trail(), ends)).rejects.toMatchObject({ path: '/to' })
    for (const buckets of [1, 121, 2.5])
      await expect(histogram(trail(), { buckets })).rejects.toMatchObject({ path: '/buckets' })
    await expect(histogram(trail(), { query: 'colour:red' })).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
    expect((await histogram(trail(), { query: 'during:1999', buckets: 12 })).total).toBe(0)
  })

  it('facets are the brute-force counts, the most frequent first, and say what they leave out', async () => {
    for (const query of ['', 'outcome:denied', 'actor:nobody']) {
      const matches = await all(trail().events(query))
      const found = await facets(trail(), { query, fields: ['action', 'outcome', 'tenant', 'ip'], limit: 4 })
      expect(found).toMatchObject({ total: matches.length, complete: true })
      const expected: Record<string, (event: AuditEvent) => string | undefined> = {
        action: event => event.action,
        outcome: event => event.outcome.result,
        tenant: event => event.tenant,
        ip: event => event.origin.ip,
      }
      for (const { field, values, missing, other } of found.facets) {
        const counts = countBy(matches, expected[field] as never)
        expect(missing).toBe(counts.get(undefined) ?? 0)
        expect(values.map(({ count }) => count)).toEqual(
          [...counts]
            .flatMap(([value, count]) => (value === undefined ? [] : [count]))
            .sort((a, b) => b - a)
            .slice(0, 4),
        )
        for (const { value, count } of values) expect(counts.get(value)).toBe(count)
        expect(values.reduce((sum, { count }) => sum + count, missing + other)).toBe(matches.length)
      }
    }
    const some = await facets(trail(), { fields: ['action'], prefix: 'MACH', limit: 1_000 })
    expect(some.facets[0]?.values.length).toBeGreaterThan(0)
    expect(some.facets[0]?.values.every(({ value }) => value.startsWith('mach'))).toBe(true)
    for (const wrong of [
      { fields: [] },
      { fields: ['action'], limit: 0 },
      { fields: ['action'], limit: 1_001 },
    ])
      await expect(facets(trail(), wrong)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    await expect(facets(trail(), { fields: ['colour'] })).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
  })

  it('facets and histograms of a restricted reader hold nothing that it may not see', async () => {
    const whole = trail() as LocalTrail
    const [tenant] = (await facets(whole, { fields: ['tenant'] })).facets[0]?.values ?? []
    const scope = {
      filter: `tenant="${tenant?.value}"`,
      level: 'owner',
      masks: [{ paths: ['/origin', '/actor'] }],
      me: ME,
    } as const
    const reader = whole.restrict(scope)
    const own = await all(reader.events())
    const found = await facets(reader, { fields: ['tenant', 'ip', 'actor'] })
    expect(found.total).toBe(own.length)
    expect(found.facets.map(({ values }) => values.map(({ value }) => value))).toEqual([
      [tenant?.value],
      [],
      ['hidden/'],
    ])
    expectCounts(await histogram(reader), own)
  })

  it('an entity is summed up from what it was in', async () => {
    const events = await all(trail().events())
    const target = events[700]?.targets[0]
    if (target === undefined) throw new Error('the event has no target')
    const about = events.filter(({ targets }) =>
      targets.some(one => one.type === target.type && one.id === target.id),
    )
    const summary = await entitySummary(trail(), target)
    expect(summary).toMatchObject({
      total: about.length,
      first: about[0],
      last: about.at(-1),
      complete: true,
    })
    expect(summary.facets.map(({ field }) => field)).toEqual(['outcome', 'action', 'actor'])
    const actor = events[700]?.actor as AuditEvent['actor']
    const by = await entitySummary(trail(), actor, { as: 'actor' })
    expect(by.total).toBeGreaterThan(0)
    expect(by.facets.map(({ field }) => field)).toEqual(['outcome', 'action', 'target', 'ip'])
    expect(await entitySummary(trail(), { type: 'machine', id: 'none' })).toMatchObject({
      total: 0,
      complete: true,
    })
  })
})

describe('what belongs to an event', () => {
  it('is what shares its operation, request or correlation id, then what its actor did about then, and its target before and after', async () => {
    const trail = await newTrail('memory')
    const alice = { type: 'user', id: 'alice' }
    const web = { type: 'machine', id: 'web-3' }
    const time = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()
    await trail.record('old', { actor: alice, targets: [web], occurredAt: time(0) })
    await trail.record('near', { actor: alice, occurredAt: time(26) })
    await trail.record('named', { targets: [{ type: 'machine', id: 'x', name: 'web-3' }] })
    const operation = await trail.begin('machine.delete', {
      actor: alice,
      targets: [web],
      occurredAt: time(30),
      origin: { requestId: 'r1', correlationId: 'c1' },
    })
    await trail.record('ip.free', { origin: { correlationId: 'c1' }, occurredAt: time(30) })
    await trail.record('other', { origin: { requestId: 'r2', correlationId: 'c2' }, occurredAt: time(30) })
    await operation.finish('success')
    await trail.record('later', { actor: alice, targets: [web], occurredAt: time(36) })
    await trail.record('hello', { actor: alice, occurredAt: time(35) })
    const events = await all(trail.events())
    const event = events.find(
      ({ action, phase }) => action === 'machine.delete' && phase === 'attempt',
    ) as AuditEvent
    const found = await related(trail, event)
    expect(found.linked.map(one => [one.event.action, one.event.phase, one.by])).toEqual([
      ['machine.delete', 'attempt', ['operation', 'request', 'correlation']],
      ['ip.free', 'single', ['correlation']],
      ['machine.delete', 'outcome', ['operation', 'request', 'correlation']],
    ])
    expect(found.nearby.map(({ action }) => action)).toEqual(['near', 'hello'])
    expect([found.before?.action, found.after?.action, found.more]).toEqual(['old', 'later', false])
    // Who may not see the ids is not told what they join.
    const reader = (trail as LocalTrail).restrict({
      filter: '',
      level: 'operator',
      masks: [{ paths: ['/origin', '/actor'] }],
    })
    const shown = await related(reader, (await reader.get(event.index)) as AuditEvent)
    expect(shown.linked.map(one => one.event.action)).toEqual(['machine.delete', 'machine.delete'])
    expect(shown.nearby).toEqual([])
  })

  it('is bounded: those farthest away are left out, and it says so', async () => {
    const trail = await newTrail('memory')
    await trail.recordAll(
      Array.from({ length: 30 }, (_, n) => ({ action: 'a.b', origin: { correlationId: 'c' }, data: { n } })),
    )
    const events = await all(trail.events())
    const found = await related(trail, events[10] as AuditEvent, { most: 5 })
    expect(found.linked.map(({ event }) => (event.data as { n: number }).n)).toEqual([8, 9, 10, 11, 12])
    expect(found.more).toBe(true)
    const whole = await related(trail, events[29] as AuditEvent)
    expect([whole.linked.length, whole.more]).toEqual([30, false])
  })
})

function expectCounts(found: Histogram, matches: readonly AuditEvent[]): void {
  const inside = matches.filter(({ occurredAt }) => {
    const time = Date.parse(occurredAt)
    return time >= (found.edges[0] ?? 0) && time < (found.edges.at(-1) ?? 0)
  })
  expect(found.total).toBe(inside.length)
  expect(found.outside).toBe(matches.length - inside.length)
  for (const result of OUTCOME_RESULTS) {
    const expected = found.edges.slice(1).map((to, nth) => {
      const from = found.edges[nth] as number
      return inside.filter(({ occurredAt, outcome }) => {
        const time = Date.parse(occurredAt)
        return outcome.result === result && time >= from && time < to
      }).length
    })
    expect(found.series[result]).toEqual(expected)
  }
}

function countBy<T>(events: readonly AuditEvent[], value: (event: AuditEvent) => T): Map<T, number> {
  const counts = new Map<T, number>()
  for (const event of events) counts.set(value(event), (counts.get(value(event)) ?? 0) + 1)
  return counts
}
