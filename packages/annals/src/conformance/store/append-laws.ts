import assert from 'node:assert/strict'
import { AnnalsError } from '../../model/index.ts'
import { randomOf } from '../../testing/random.ts'
import { appendHistory, batchesOf } from './history.ts'
import { assertHeld, assertWhole, type Held, readAll } from './held.ts'
import type { Law } from './law.ts'
import { rootOf, rootOfMark } from './root-of.ts'
import { variedDrafts } from './varied-drafts.ts'

export const APPEND_LAWS: readonly Law[] = [
  {
    title: 'keeps records in order, byte by byte, in a buffer of its own',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 400, 1)
      await assertWhole(log)
    },
  },
  {
    title: 'takes a batch of one and a batch of thousands',
    async prove(bench) {
      const log = await bench.log()
      const drafts = variedDrafts(3_001, 2)
      await log.append(drafts.slice(0, 1))
      await log.append(drafts.slice(1))
      await assertWhole(log)
    },
  },
  {
    title: 'takes entries of a byte and of a quarter of a megabyte',
    async prove(bench) {
      const log = await bench.log()
      for (const length of [0, 200_000, 1, 70_000, 250_000]) {
        await log.append([{ action: 'a' }, { action: 'b', data: 'x'.repeat(length) }, { action: 'c' }])
      }
      await assertWhole(log)
    },
  },
  {
    title: 'refuses a batch that does not begin at the size with ANNALS_CONFLICT, and is as before',
    async prove(bench) {
      const log = await bench.log()
      await log.append(variedDrafts(5, 3))
      const { log: store } = log.store
      const batch = await log.prepare(variedDrafts(3, 4))
      for (const at of [0, 4, 6, 5_000]) {
        await assert.rejects(
          () => store.append({ ...batch, at }),
          error => error instanceof AnnalsError && error.code === 'ANNALS_CONFLICT',
          `at ${at} of 5`,
        )
        await assertWhole(log)
      }
      await log.commit(batch)
      const again = await log.prepare(variedDrafts(1, 5))
      await assert.rejects(() => store.append({ ...again, at: batch.at }))
      await log.commit(again)
      await assertWhole(log)
    },
  },
  {
    title: 'shows a reader all of a batch or nothing',
    async prove(bench) {
      const log = await bench.log()
      const whole = new Set([0])
      const batches = batchesOf(variedDrafts(600, 6), randomOf(6), 60)
      let done = false
      const seen: { readonly least: number; readonly held: Held[] }[] = []
      const reader = async (): Promise<void> => {
        while (!done) {
          const least = log.size
          seen.push({ least, held: await readAll(log.store, 0, 1_000_000) })
          const { total } = await log.store.search.count(everything(1_000_000), [])
          assert.ok(total >= least, `a count found ${total} of ${least}`)
          await new Promise(resolve => setImmediate(resolve))
          assert.ok(whole.has(total) || done || total === log.size, `a count found ${total}, within a batch`)
        }
      }
      const reading = reader()
      try {
        for (const batch of batches) {
          whole.add(log.size + batch.length)
          await log.append(batch)
        }
      } finally {
        done = true
        await reading
      }
      for (const { least, held } of seen) {
        assert.ok(whole.has(held.length), `a read found ${held.length} records, within a batch`)
        assert.ok(held.length >= least, `a read found ${held.length} of ${least} records`)
        assertHeld(held, log.written.slice(0, held.length))
      }
    },
  },
  {
    title: 'opening says where it stands, also without closing',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 300, 7)
      const count = await log.store.search.count(everything(1_000), [])
      assert.equal(count.total, 300)
      // The tree of the right size, from the store's own tiles.
      assert.equal(rootOf(log.written).length, 32)
      assert.ok(rootOfMark({ size: 0, frontier: [] }).length === 32)
    },
  },
]

function everything(to: number): Parameters<Law['prove']>[0] extends never ? never : {
  query: string
  now: number
  timeZone: string
  includeLog: boolean
  from: number
  to: number
} {
  return { query: '', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to }
}
