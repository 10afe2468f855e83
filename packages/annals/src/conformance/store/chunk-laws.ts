import assert from 'node:assert/strict'
import { assertWhole } from './held.ts'
import type { Law } from './law.ts'
import { variedDrafts } from './varied-drafts.ts'

export const CHUNK_LAWS: readonly Law[] = [
  {
    title: 'goes on in a new chunk when the period ends',
    async prove(bench) {
      const log = await bench.log()
      const chunks: number[] = []
      for (let period = 0; period < 5; period++) {
        for (let batch = 0; batch < 3; batch++) {
          await log.append(variedDrafts(1 + period, period * 10 + batch))
          chunks.push(log.chunk ?? -1)
          log.time++
        }
        log.nextPeriod()
      }
      assert.deepEqual(new Set(chunks), new Set([0, 3, 9, 18, 30]))
      await assertWhole(log)
    },
  },
  {
    title: 'says at opening which chunk is open',
    needs: 'persistence',
    async prove(bench) {
      let log = await bench.log()
      const seeds = new Map<number, string>()
      for (let round = 0; round < 4; round++) {
        await log.append(variedDrafts(4, round))
        const lo = log.chunk ?? -1
        const seed = (await log.store.keys.chunkSeeds(lo, ['standard'])).get('standard')?.[0]?.node ?? ''
        assert.equal(seeds.get(lo) ?? seed, seed, 'a chunk keeps its seed')
        seeds.set(lo, seed)
        log = await log.again(bench)
        assert.equal(log.chunk, lo)
        if (round % 2 === 1) log.nextPeriod()
      }
      assert.deepEqual([...seeds.keys()], [0, 8])
      assert.equal(new Set(seeds.values()).size, 2)
      await assertWhole(log)
    },
  },
]
