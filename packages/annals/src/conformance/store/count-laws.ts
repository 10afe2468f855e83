import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { AnnalsError, type AuditEvent } from '../../model/index.ts'
import { groupValue } from '../../query/grouping.ts'
import type { CountedGroups, Search } from '../../query/index.ts'
import { randomOf } from '../../testing/random.ts'
import { appendHistory, batchesOf } from './history.ts'
import type { Law } from './law.ts'
import { queriesFor } from './queries.ts'
import type { SampleLog } from './sample-log.ts'
import { expectedOf, searchOf } from './search.ts'
import { variedDrafts } from './varied-drafts.ts'

/** How long counts and appends race. */
const RACE_MS = 2_000

const GROUPINGS: readonly (readonly string[])[] = [
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
          const { total } = await log.store.search.count(searchOf('', { includeLog: true }), ['outcome'])
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
          () => log.store.search.count(searchOf(''), [by]),
          error => error instanceof AnnalsError && error.code === 'ANNALS_QUERY',
          by,
        )
      }
    },
  },
]

/** Compares a count with one by brute force. */
export async function assertCounted(log: SampleLog, search: Search, by: readonly string[]): Promise<void> {
  const title = `${JSON.stringify(search.query)} from ${search.from} to ${search.to} by ${by.join(', ')}`
  const expected = expectedOf(log.events, search)
  const { total, groups } = await log.store.search.count(search, by)
  assert.equal(total, expected.length, title)
  assert.deepEqual(sorted(groups), sorted(bruteForce(expected, by)), title)
  for (const [i, { count }] of groups.entries()) {
    assert.ok(i === 0 || count <= (groups[i - 1]?.count ?? 0), `${title}: the largest come first`)
  }
}

function bruteForce(events: readonly AuditEvent[], by: readonly string[]): CountedGroups['groups'] {
  if (by.length === 0) return []
  const counts = new Map<string, number>()
  for (const event of events) {
    const name = JSON.stringify(by.map(field => groupValue(field)(event)))
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({ values: JSON.parse(name), count }))
}

function sorted(groups: CountedGroups['groups']): string[] {
  return groups.map(({ values, count }) => `${JSON.stringify(values)} ${count}`).sort()
}
