import assert from 'node:assert/strict'
import { randomOf } from '../../testing/random.ts'
import { assertHeld, readAll } from './held.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { variedDrafts } from './varied-drafts.ts'

export const READ_LAWS: readonly Law[] = [
  {
    title: 'yields every sub-range exactly, also empty ones and beyond the end',
    async prove(bench) {
      const log = await bench.commonLog()
      const base = log.size
      for (const size of [1, 2, 3, 7, 11]) await log.append(variedDrafts(size, size))
      for (let from = base; from <= base + 26; from++) {
        for (let to = from; to <= base + 26; to++) {
          assertHeld(await readAll(log.store, from, to), log.written.slice(from, to))
        }
      }
      assert.deepEqual(await readAll(log.store, base + 10, base + 3), [])
      assert.deepEqual(await readAll(log.store, log.size + 1_000, log.size + 2_000), [])
    },
  },
  {
    title: 'yields ranges of a longer log exactly',
    async prove(bench) {
      const log = await bench.commonLog()
      const base = log.size
      await appendHistory(log, 700, 11)
      const random = randomOf(11)
      for (let i = 0; i < 150; i++) {
        const from = base + random.below(710)
        const to = from + random.below(i % 2 === 0 ? 5 : 400)
        assertHeld(await readAll(log.store, from, to), log.written.slice(from, to))
      }
    },
  },
  {
    title: 'yields megabytes in batches',
    async prove(bench) {
      const log = await bench.commonLog()
      const base = log.size
      for (let i = 0; i < 12; i++) {
        await log.append([{ action: 'a' }, { action: 'b', data: 'x'.repeat(200_000) }, { action: 'c' }])
      }
      assertHeld(await readAll(log.store, base, base + 100), log.written.slice(base))
      assertHeld(await readAll(log.store, base + 17, base + 30), log.written.slice(base + 17, base + 30))
    },
  },
  {
    title: 'goes on undisturbed while the log grows',
    async prove(bench) {
      const log = await bench.commonLog()
      const base = log.size
      await appendHistory(log, 500, 12)
      const later = variedDrafts(50, 13)
      let next = base + 3
      for await (const batch of log.store.log.read(next, base + 480)) {
        for (const { index, record } of batch) {
          assert.equal(index, next)
          assert.ok(record.bytes.equals(log.written[next++]?.bytes ?? Buffer.alloc(0)))
        }
        await log.append(later)
      }
      assert.equal(next, base + 480)
    },
  },
  {
    title: 'serves readers at different places at once, and one that stops early',
    async prove(bench) {
      const log = await bench.commonLog()
      if (log.size < 500) await appendHistory(log, 500, 14)
      const ranges = Array.from({ length: 20 }, (_, i) => [i * 20, 500 - i] as const)
      const stopped = (async () => {
        for await (const batch of log.store.log.read(0, 500)) return batch[0]?.index
        return undefined
      })()
      const all = await Promise.all(ranges.map(([from, to]) => readAll(log.store, from, to)))
      for (const [i, held] of all.entries())
        assertHeld(held, log.written.slice(...(ranges[i] as readonly [number, number])))
      assert.equal(await stopped, 0)
    },
  },
]
