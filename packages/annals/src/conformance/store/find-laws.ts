import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { createCatalog, defineEvent } from '../../catalog/index.ts'
import { AnnalsError, type AuditEvent } from '../../model/index.ts'
import { FIELDS, parseQuery, type Query, type Search } from '../../query/index.ts'
import { randomOf } from '../../testing/random.ts'
import { appendHistory, batchesOf } from './history.ts'
import type { Law } from './law.ts'
import { combinedQueries, queriesFor } from './queries.ts'
import type { SampleLog } from './sample-log.ts'
import { expectedOf, searchOf } from './search.ts'
import { variedDrafts } from './varied-drafts.ts'
import { type Walk, walk } from './walk.ts'

const LIMITS = [1, 2, 7, 50]
/** By then an index that follows the log has caught up. */
const SETTLED_MS = 400

export const FIND_LAWS: readonly Law[] = [
  {
    title:
      'pages of every size walk to exactly the matches of a query of every kind, in both orders, while the log grows',
    async prove(bench) {
      const log = await bench.commonLog()
      await appendHistory(log, 600, 31)
      const queries = queriesFor(log.events, 31)
      assertEveryField(queries)
      const random = randomOf(31)
      const later = variedDrafts(300, 1_031)
      for (const [nth, query] of queries.entries()) {
        // As of a size: what is appended meanwhile must not show.
        const to = log.size
        const meanwhile = async (): Promise<void> => {
          if (random.below(40) === 0 && later.length > 0)
            await log.append(later.splice(0, 1 + random.below(4)))
        }
        await assertFound(log, searchOf(query, { to }), {
          order: nth % 2 === 0 ? 'asc' : 'desc',
          limit: 50,
          meanwhile,
        })
        const from = random.below(to)
        const limit = LIMITS[nth % LIMITS.length] ?? 1
        const range = { from, to: Math.min(to, from + random.below(limit < 7 ? 60 : 500)) }
        await assertFound(log, searchOf(query, range), { order: 'asc', limit, meanwhile })
        await assertFound(log, searchOf(query, range), { order: 'desc', limit, meanwhile })
      }
    },
  },
  {
    title: 'finds what was appended a moment ago',
    async prove(bench) {
      const log = await bench.log()
      const random = randomOf(32)
      const batches = batchesOf(variedDrafts(960, 32), random, 30).slice(0, 60)
      for (const [round, batch] of batches.entries()) {
        await log.append(batch)
        const queries = queriesFor(log.events.slice(-30), round)
        for (let i = 0; i < 3; i++) {
          const query = queries[random.below(queries.length)] ?? ''
          await assertFound(log, searchOf(query, { to: log.size }), {
            order: i === 0 ? 'asc' : 'desc',
            limit: 200,
          })
        }
        if (round % 20 === 10) log.nextPeriod()
      }
    },
  },
  {
    title: 'agrees with the evaluator on random combinations of queries',
    async prove(bench) {
      const log = await bench.commonLog()
      if (log.size < 500) await appendHistory(log, 500, 33)
      const random = randomOf(33)
      for (const query of combinedQueries(queriesFor(log.events, 33), 200, 33)) {
        const from = random.below(250)
        const search = searchOf(query, {
          from,
          to: from + random.below(400),
          includeLog: random.below(2) === 0,
        })
        await assertFound(log, search, {
          order: random.below(2) === 0 ? 'asc' : 'desc',
          limit: 1 + random.below(60),
        })
      }
    },
  },
  {
    title: 'free text finds what the sentence of the catalog that the log states says',
    async prove(bench) {
      const log = await bench.log()
      const catalog = createCatalog(
        [
          defineEvent('machine.start', { describe: '{actor} switched {target} on' }),
          defineEvent('machine.stop', { describe: '{actor} switched {target} off' }),
        ],
        { open: true },
      )
      await appendHistory(log, 200, 34)
      await log.append([{ action: 'log.catalog', data: catalog.manifest() as never }])
      await log.append(variedDrafts(200, 35))
      for (const query of ['switched', 'switch', 'switched off', '-switched', 'switched outcome:success']) {
        const search = searchOf(query, { to: log.size })
        const expected = expectedOf(log.events, search, catalog)
        assert.ok(expected.length > 0)
        const found = await walk(log.store.search, search, { order: 'asc', limit: 20 })
        assert.deepEqual(indexesOf(found), indexesOf(expected), query)
      }
    },
  },
  {
    title: 'free text finds the same at once and later, also words that only a sentence says',
    async prove(bench) {
      const log = await bench.log()
      // What answers is awake before there is anything to index.
      await log.store.search.find(searchOf('failed'), 'asc', 1)
      await log.append(variedDrafts(30, 37))
      const answers = async (): Promise<unknown> => {
        const found: unknown[] = []
        for (const query of ['failed', 'changed', 'attempted', 'owner', '-unknown']) {
          found.push([
            query,
            indexesOf((await log.store.search.find(searchOf(query, { to: 30 }), 'asc', 50)).events),
          ])
        }
        return found
      }
      const atOnce = await answers()
      await setTimeout(SETTLED_MS)
      assert.deepEqual(await answers(), atOnce)
    },
  },
  {
    title: 'refuses a query it cannot read with ANNALS_QUERY',
    async prove(bench) {
      const log = await bench.commonLog()
      await log.append(variedDrafts(3, 36))
      for (const query of ['actr:alice', 'during:yesterweek', '"open', 'index:x']) {
        const refused = (error: unknown): boolean =>
          error instanceof AnnalsError && error.code === 'ANNALS_QUERY'
        await assert.rejects(() => log.store.search.find(searchOf(query), 'asc', 10), refused, query)
        await assert.rejects(() => log.store.search.count(searchOf(query), []), refused, query)
      }
    },
  },
]

/** Walks a search, and compares whole events with those of a linear filter. */
export async function assertFound(log: SampleLog, search: Search, how: Walk): Promise<void> {
  const expected = [...expectedOf(log.events, search)]
  if (how.order === 'desc') expected.reverse()
  const found = await walk(log.store.search, search, how)
  const title = `${JSON.stringify(search.query)} from ${search.from} to ${search.to}, ${how.order} by ${how.limit}`
  assert.deepEqual(indexesOf(found), indexesOf(expected), title)
  for (const [i, event] of found.entries()) assert.deepEqual(event, expected[i], title)
}

function indexesOf(events: readonly AuditEvent[]): number[] {
  return events.map(({ index }) => index)
}

function assertEveryField(queries: readonly string[]): void {
  const used = new Set(queries.flatMap(query => [...fieldsOf(parseQuery(query))]))
  assert.deepEqual(
    FIELDS.map(({ name }) => name).filter(name => !used.has(name)),
    [],
    'fields without a query',
  )
}

function fieldsOf(query: Query): readonly string[] {
  if (query.kind === 'filter') return [query.field]
  if (query.kind === 'not') return fieldsOf(query.of)
  return query.kind === 'and' || query.kind === 'or' ? query.of.flatMap(fieldsOf) : []
}
