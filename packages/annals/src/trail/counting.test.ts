import { describe, expect, it } from 'vitest'
import { sampleDrafts } from '../testing/index.ts'
import { all, newTrail, STORES, sharedTrail } from './trail.test-support.ts'
import type { Counts } from './trail.ts'

const TOTAL = 3_300

describe.each(STORES)('counting on the %s store', kind => {
  const trail = sharedTrail(kind, async one => {
    await one.recordAll([...sampleDrafts({ count: TOTAL, seed: 7 })])
  })

  it('stops after about so many records, and says from where on it has counted', async () => {
    const query = 'outcome:success -took:>90d'
    const whole = await trail().count(query, ['action'])
    expect(whole.complete).toBe(true)
    expect(whole.through).toBeUndefined()
    const some = await trail().count(query, ['action'], { most: 1 })
    expect(some.complete).toBe(false)
    expect(some.through).toBeGreaterThan(0)
    expect(some.total).toBeGreaterThan(0)
    expect(some.total).toBeLessThan(whole.total)
    const newest = await all(trail().events(query, { seek: some.through, seekEnd: some.asOf }))
    expect(some.total).toBe(newest.length)
    expect(sumOf(some)).toBe(some.total)
    const enough = await trail().count(query, ['action'], { most: TOTAL * 2 })
    expect(enough).toEqual(whole)
    for (const most of [-1, 0.5])
      await expect(trail().count(query, [], { most })).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
  })

  it('counts by each field alone as by one after the other', async () => {
    const fields = ['outcome', 'actor', 'tenant']
    const each = await trail().count('', fields, { each: true })
    const alone = await Promise.all(fields.map(field => trail().count('', [field])))
    expect(each.total).toBe(TOTAL)
    const sorted = (groups: Counts['groups']): string[] => groups.map(group => JSON.stringify(group)).sort()
    expect(sorted(each.groups)).toEqual(sorted(alone.flatMap(({ groups }) => groups)))
    const counts = each.groups.map(({ count }) => count)
    expect(counts).toEqual([...counts].sort((a, b) => b - a))
  })

  it('counts by spans of time', async () => {
    const events = await all(trail().events())
    const times = events.map(({ occurredAt }) => Date.parse(occurredAt)).sort((a, b) => a - b)
    const edges = [0.1, 0.5, 0.8].map(part => times[Math.floor(part * TOTAL)] as number)
    const { groups } = await trail().count('', [{ edges }])
    const [from = 0, middle = 0, to = 0] = edges
    const between = (lo: number, hi: number): number => times.filter(time => time >= lo && time < hi).length
    const iso = (time: number): string => new Date(time).toISOString()
    expect(new Map(groups.map(({ key, count }) => [key['span'], count]))).toEqual(
      new Map([
        [iso(from), between(from, middle)],
        [iso(middle), between(middle, to)],
        [null, TOTAL - between(from, to)],
      ]),
    )
    for (const wrong of [[], [1], [2, 1], [1, 1], [0, 1.5]])
      await expect(trail().count('', [{ edges: wrong }])).rejects.toThrow(TypeError)
    await expect(trail().count('', ['colour'])).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
  })
})

it('keeps 10,000 groups; further ones are counted together', async () => {
  const trail = await newTrail('memory')
  const drafts = Array.from({ length: 10_400 }, (_, n) => ({
    action: 'a.b',
    targets: [{ type: 't', id: `${n}` }],
  }))
  await trail.recordAll(drafts)
  const counts = await trail.count('action:a.b', ['target'])
  expect(counts.groups).toHaveLength(10_000)
  expect(counts).toMatchObject({ total: 10_400, other: 400, complete: true })
  // Those that were met first: the newest.
  expect(counts.groups.some(({ key }) => key['target'] === 't/0')).toBe(false)
  expect(counts.groups.some(({ key }) => key['target'] === 't/10399')).toBe(true)
})

function sumOf({ groups }: Counts): number {
  return groups.reduce((sum, { count }) => sum + count, 0)
}
