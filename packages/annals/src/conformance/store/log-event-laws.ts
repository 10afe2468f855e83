import assert from 'node:assert/strict'
import type { Draft } from '../../model/index.ts'
import { assertCounted } from './count-laws.ts'
import { assertFound } from './find-laws.ts'
import type { Law } from './law.ts'
import type { SampleLog } from './sample-log.ts'
import { expectedOf, searchOf } from './search.ts'
import { variedDrafts } from './varied-drafts.ts'

const OWN: readonly Draft[] = ['log.open', 'log.gap', 'log.seal', 'log.source.open'].map((action, n) => ({
  action,
  actor: { type: 'operator', id: 'olga' },
  retention: 'ledger',
  visibility: 'operator',
  ...(n === 1 && { topics: ['machine.delete'], data: { kind: 'clock' } }),
}))

export const LOG_EVENT_LAWS: readonly Law[] = [
  {
    title: 'are hidden from pages and counts unless they are asked for',
    async prove(bench) {
      const log = await mixed(await bench.commonLog())
      const own = log.written.filter(({ event }) => event.action.startsWith('log.'))
      const [first] = own
      const queries: readonly (readonly [query: string, shown: boolean])[] = [
        ['', false],
        ['outcome:success', false],
        ['actor:olga', false],
        ['-action:log.*', false],
        ['-actor:alice', false],
        ['topic:machine.*', false],
        ['action:log.*', true],
        ['action:log.gap', true],
        ['action:log.gap OR actor.type:service', true],
        ['topic:log.source', true],
        [`index:${first?.index}`, true],
        [`id:${first?.event.id}`, true],
        ['action:*', true],
      ]
      for (const [query, shown] of queries) {
        for (const includeLog of [false, true]) {
          const search = searchOf(query, { includeLog })
          if (!includeLog) {
            const showing = expectedOf(log.events, search).some(event => event.action.startsWith('log.'))
            assert.equal(showing, shown, `the evaluator shows them for ${query}`)
          }
          await assertFound(log, search, { order: 'asc', limit: 30 })
          await assertFound(log, search, { order: 'desc', limit: 7 })
          await assertCounted(log, search, ['action'])
          await assertCounted(log, search, ['actor'])
          await assertCounted(log, search, [])
        }
      }
    },
  },
  {
    title: 'keep their places: positions of others do not move',
    async prove(bench) {
      const log = await mixed(await bench.commonLog())
      for (const { index, event } of log.written)
        assert.equal(await log.store.search.position(event.id), index)
    },
  },
]

/** The same log with the log's own events between others, unless another law has seen to it. */
async function mixed(log: SampleLog): Promise<SampleLog> {
  if (log.size > 0) return log
  for (const [n, own] of OWN.entries()) {
    await log.append([own])
    await log.append([...variedDrafts(60, 60 + n), own])
    await log.append(variedDrafts(30, 70 + n))
  }
  return log
}
