import assert from 'node:assert/strict'
import { periodName } from '../../log/period.ts'
import { assertCounted } from './count-laws.ts'
import { assertFound } from './find-laws.ts'
import { assertWhole } from './held.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { assertKeys, assertTimes } from './position-laws.ts'
import { queriesFor } from './queries.ts'
import { rootOf, rootOfMark } from './root-of.ts'
import type { SampleLog } from './sample-log.ts'
import { searchOf } from './search.ts'

export const REOPEN_LAWS: readonly Law[] = [
  {
    title: 'an empty log is empty again',
    needs: 'persistence',
    async prove(bench) {
      const log = await (await bench.log()).again(bench)
      assertHead(log)
      await appendHistory(log, 10, 81)
      await assertWhole(log)
    },
  },
  {
    title: 'the head is the state: tree, last time and id, chunk; and the log goes on from it',
    needs: 'persistence',
    async prove(bench) {
      let log = await bench.log()
      const { identity } = log.store
      const sources = [identity.source]
      for (const [round, count] of [1, 254, 1, 0, 300].entries()) {
        await appendHistory(log, count, 800 + round)
        if (round === 2) log.nextPeriod()
        log = await log.again(bench)
        assertHead(log)
        await assertWhole(log)
        assert.deepEqual({ ...log.store.identity, source: '' }, { ...identity, source: '' })
        sources.push(log.store.identity.source)
      }
      assert.equal(new Set(sources).size, sources.length, 'each opening has a source of its own')
      assert.deepEqual(log.head.notices, [])
    },
  },
  {
    title: 'searches, counts, positions and keys are as before',
    needs: 'persistence',
    async prove(bench) {
      let log = await bench.log()
      await appendHistory(log, 500, 82)
      for (let round = 0; round < 2; round++) {
        log = await log.again(bench)
        const queries = queriesFor(log.events, 82 + round)
        for (const [nth, query] of queries.filter((_, nth) => round === 0 || nth % 3 === 0).entries()) {
          await assertFound(log, searchOf(query), { order: nth % 2 === 0 ? 'asc' : 'desc', limit: 40 })
        }
        for (const by of [['action'], ['hour', 'outcome'], ['actor']])
          await assertCounted(log, searchOf(''), by)
        await assertTimes(log)
        await assertKeys(log)
        await appendHistory(log, 40, 84 + round)
      }
    },
  },
]

function assertHead(log: SampleLog): void {
  const { head, written, store } = log
  assert.equal(head.tree.size, written.length)
  assert.deepEqual(Buffer.from(rootOfMark(head.tree)), Buffer.from(rootOf(written)))
  const last = written.at(-1)
  assert.equal(head.lastTime, last?.time ?? 0)
  assert.equal(head.lastId, last?.event.id)
  if (last === undefined) {
    assert.equal(head.chunk, undefined)
    return
  }
  const { period } = store.identity
  const opened = written.find(({ time }) => periodName(period, time) === periodName(period, last.time))
  assert.equal(head.chunk?.lo, opened?.index, 'first position of the open chunk')
  assert.equal(
    periodName(period, head.chunk?.time ?? 0),
    periodName(period, last.time),
    'period of the open chunk',
  )
}
