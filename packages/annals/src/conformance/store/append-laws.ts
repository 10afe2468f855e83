import assert from 'node:assert/strict'
import { AnnalsError } from '../../model/index.ts'
import { countAll } from '../../query/index.ts'
import { randomOf } from '../../testing/random.ts'
import { assertHeld, assertWhole, type Held, readAll } from './held.ts'
import { appendHistory, batchesOf } from './history.ts'
import type { Law } from './law.ts'
import { searchOf } from './search.ts'
import { variedDrafts } from './varied-drafts.ts'

export const APPEND_LAWS: readonly Law[] = [
  {
    title: 'keeps records in order, byte by byte, in a buffer of its own',
    async prove(bench) {
      const log = await bench.commonLog()
      await appendHistory(log, 400, 1)
      await assertWhole(log)
    },
  },
  {
    title: 'takes a batch of one and a batch of thousands',
    async prove(bench) {
      const log = await bench.commonLog()
      const drafts = variedDrafts(3_001, 2)
      await log.append(drafts.slice(0, 1))
      await log.append(drafts.slice(1))
      await assertWhole(log)
    },
  },
  {
    title: 'takes entries of a byte and of a quarter of a megabyte',
    async prove(bench) {
      const log = await bench.commonLog()
      for (const length of [0, 200_000, 1, 70_000, 250_000]) {
        await log.append([{ action: 'a' }, { action: 'b', data: 'x'.repeat(length) }, { action: 'c' }])
      }
      await assertWhole(log)
    },
  },
  {
    title: 'refuses a batch that does not begin at the size with ANNALS_CONFLICT, and is as before',
    async prove(bench) {
      const log = await bench.commonLog()
      await log.append(variedDrafts(5, 3))
      const { size } = log
      const { log: store } = log.store
      const batch = await log.prepare(variedDrafts(3, 4))
      for (const at of [0, size - 1, size + 1, size + 5_000]) {
        await assert.rejects(
          () => store.append({ ...batch, at }),
          error => error instanceof AnnalsError && error.code === 'ANNALS_CONFLICT',
          `at ${at} of ${size}`,
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
          const { total } = await countAll(log.store.search, searchOf('', { includeLog: true }))
          assert.ok(total >= least, `a count found ${total} of ${least}`)
          assert.ok(whole.has(total), `a count found ${total}, within a batch`)
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
]
