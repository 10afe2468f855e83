import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { AnnalsError, type AuditEvent } from '../../model/index.ts'
import { countAll, type Group, type Grouping, groupValue, type Search } from '../../query/index.ts'
import { randomOf } from '../../testing/random.ts'
import { appendHistory, batchesOf } from './history.ts'
import type { Law } from './law.ts'
import { queriesFor } from './queries.ts'
import type { SampleLog } from './sample-log.ts'
import { expectedOf, searchOf } from './search.ts'
import { variedDrafts } from './varied-drafts.ts'

/** Records and rows that one slice may cost. */
const MOST_SCANNED = 2_000
/** How long counts and appends race. */
const RACE_MS = 2_000

const GROUPINGS: readonly Grouping[] = [
  [],
  ['action'],
  ['outcome'],
  ['actor'],
  ['target'],
  ['hour'],
  ['day'],
  ['month', 'outcome'],
  ['minute'],
  ['tenant', 'outcome'],
  ['day', 'action', 'outcome'],
  ['tag.env'],
  ['error'],
  ['visibility', 'phase'],
  ['retention'],
  ['source'],
  ['ip'],
  [{ edges: [Date.UTC(2026, 10, 19, 22), Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 20, 3)] }, 'outcome'],
  [{ edges: [Date.UTC(2026, 10, 20, 0, 10), Date.UTC(2026, 10, 20, 1, 25)] }],
]
/** Whole hours and others, alone and with more, with nothing in them and with everything. */
const WINDOWS: readonly string[] = [
  'after:2026-11-20T01:00:00Z',
  'before:2026-11-20T03:00:00Z',
  'after:2026-11-20T01:00:00Z before:2026-11-20T03:00:00Z',
  'after:2026-11-20T01:00:00.001Z before:2026-11-20T03:00:00Z',
  'after:2026-11-20T01:00:00Z outcome:success',
  'after:2040',
  'during:2026',
  '-after:2026-11-20T01:00:00Z',
]

export const COUNT_LAWS: readonly Law[] = [
  {
    title: 'counts every match once, by every kind of field',
    async prove(bench) {
      const log = await bench.commonLog()
      await appendHistory(log, 600, 41)
      const queries = queriesFor(log.events, 41)
      const random = randomOf(41)
      for (const by of GROUPINGS) {
        await assertCounted(log, searchOf(''), by)
        for (let i = 0; i < 8; i++) {
          const from = random.below(600)
          const range = i % 3 === 0 ? {} : { from, to: from + random.below(600) }
          await assertCounted(log, searchOf(queries[random.below(queries.length)] ?? '', range), by)
          await assertCounted(log, searchOf('', range), by)
        }
      }
    },
  },
  {
    title: 'counts within windows of time',
    async prove(bench) {
      const log = await bench.commonLog()
      if (log.size < 600) await appendHistory(log, 600, 41)
      const random = randomOf(45)
      for (const query of WINDOWS) {
        for (const by of GROUPINGS.filter(() => random.below(3) === 0)) {
          await assertCounted(log, searchOf(query), by)
          await assertCounted(log, searchOf(query, { includeLog: true, to: log.size - 100 }), by)
        }
      }
    },
  },
  {
    title: 'answers in slices that are bounded, go down without a hole and end',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 2_600, 46)
      for (const query of ['', 'outcome:success', '-took:>90d', 'actor:nobody']) {
        const search = searchOf(query, { from: 7 })
        const by: readonly Grouping[] = [['action', 'outcome'], [], ['actor']]
        let slices = 0
        let total = 0
        let to = search.to
        for (;;) {
          const slice = await log.store.search.count({ ...search, to }, by)
          slices++
          total += slice.total
          assert.ok(slice.scanned <= MOST_SCANNED && (slice.total === 0 || slice.scanned > 0))
          assert.deepEqual(
            slice.groupings.map(groups => groups.reduce((sum, { count }) => sum + count, 0)),
            [slice.total, 0, slice.total],
          )
          if (slice.rest === undefined) break
          assert.ok(
            slice.rest > search.from && slice.rest < to,
            `${slice.rest} is not within ${search.from} and ${to}`,
          )
          assert.equal(slice.total, expectedOf(log.events, { ...search, from: slice.rest, to }).length)
          to = slice.rest
        }
        assert.equal(total, expectedOf(log.events, search).length, query)
        if (query.includes('took')) assert.ok(slices > 1, 'everything was read in one slice')
      }
    },
  },
  {
    title: 'counts by several groupings at once as by each of them',
    async prove(bench) {
      const log = await bench.commonLog()
      if (log.size < 600) await appendHistory(log, 600, 41)
      const search = searchOf('-outcome:denied', { to: log.size })
      const { groupings } = await countAll(log.store.search, search, GROUPINGS)
      for (const [nth, by] of GROUPINGS.entries()) {
        const alone = await countAll(log.store.search, search, [by])
        assert.deepEqual(groupings[nth], alone.groupings[0])
      }
    },
  },
  {
    title: 'counts each event once at every moment of a growing log',
    async prove(bench) {
      const log = await bench.log()
      const random = randomOf(42)
      for (const batch of batchesOf(variedDrafts(800, 42), random, 20)) {
        await log.append(batch)
        await assertCounted(log, searchOf(''), ['action'])
        await assertCounted(log, searchOf('', { to: log.size - 1 }), ['outcome', 'day'])
      }
    },
  },
  {
    title: 'counts no event twice while others are appended',
    async prove(bench) {
      const log = await bench.log()
      const drafts = variedDrafts(900, 44)
      let done = false
      const counter = async (): Promise<void> => {
        while (!done) {
          const least = log.size
          const all = searchOf('', { includeLog: true })
          const { total } = await countAll(log.store.search, all, [['outcome']])
          // One append is in flight at most.
          assert.ok(
            total >= least && total <= log.size + 1,
            `${total} counted of ${least} to ${log.size + 1}`,
          )
          await setImmediate()
        }
      }
      const counting = Promise.all([counter(), counter()])
      try {
        const end = performance.now() + RACE_MS
        for (const draft of drafts) {
          if (performance.now() > end) break
          await log.append([draft])
          await setImmediate()
        }
      } finally {
        done = true
        await counting
      }
    },
  },
  {
    title: 'refuses a grouping that there is not with ANNALS_QUERY',
    async prove(bench) {
      const log = await bench.commonLog()
      await log.append(variedDrafts(3, 43))
      for (const by of ['actoin', 'took', 'is', '']) {
        await assert.rejects(
          () => log.store.search.count(searchOf(''), [[by]]),
          error => error instanceof AnnalsError && error.code === 'ANNALS_QUERY',
          by,
        )
      }
    },
  },
]

/** Compares a count with one by brute force. */
export async function assertCounted(log: SampleLog, search: Search, by: Grouping): Promise<void> {
  const title = `${JSON.stringify(search.query)} from ${search.from} to ${search.to} by ${JSON.stringify(by)}`
  const expected = expectedOf(log.events, search)
  const { total, groupings } = await countAll(log.store.search, search, [by])
  const groups = groupings[0]?.groups ?? []
  assert.equal(total, expected.length, title)
  assert.deepEqual(sorted(groups), sorted(bruteForce(expected, by)), title)
  for (const [i, { count }] of groups.entries()) {
    assert.ok(i === 0 || count <= (groups[i - 1]?.count ?? 0), `${title}: the largest come first`)
  }
}

function bruteForce(events: readonly AuditEvent[], by: Grouping): readonly Group[] {
  if (by.length === 0) return []
  const counts = new Map<string, number>()
  for (const event of events) {
    const name = JSON.stringify(by.map(field => groupValue(field)(event)))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({ values: JSON.parse(name), count }))
}

function sorted(groups: readonly Group[]): string[] {
  return groups.map(({ values, count }) => `${JSON.stringify(values)} ${count}`).sort()
}
