import assert from 'node:assert/strict'
import type { Range } from '../../log/log-store.ts'
import { AnnalsError } from '../../model/index.ts'
import { randomOf } from '../../testing/random.ts'
import { allParts, assertAnswers, someParts } from './erase-laws.ts'
import { readAll } from './held.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { queriesFor } from './queries.ts'
import { assertPositions, assertRemains, dropChunk, eraseParts, thinEntries } from './remains.ts'
import type { SampleLog } from './sample-log.ts'
import { chunked } from './seal-laws.ts'
import { variedDrafts } from './varied-drafts.ts'

export const THIN_LAWS: readonly Law[] = [
  {
    title: 'thins entries to their leaf hashes; tree and everything else stay',
    async prove(bench) {
      const log = await bench.log()
      await chunked(log, [300, 60], 91)
      await log.store.log.seal(0)
      const manifest = await log.store.log.manifest(0)
      for (const ranges of [
        [[5, 6]],
        [
          [0, 3],
          [100, 131],
          [128, 200],
        ],
        [[290, 1_000]],
      ] as Range[][]) {
        await thinEntries(log, 0, ranges)
        await assertRemains(log)
      }
      await assertPositions(log)
      assert.deepEqual(await log.store.log.manifest(0), manifest)
      const [chunk] = await log.store.log.chunks()
      assert.deepEqual([chunk?.state, chunk?.firstTime], ['sealed', log.written[0]?.time])
    },
  },
  {
    title: 'finds and counts nothing of what was thinned, and everything else as before',
    async prove(bench) {
      const log = await bench.log()
      await chunked(log, [250, 80], 92)
      const queries = queriesFor(log.events, 92).filter((_, nth) => nth % 2 === 0)
      await log.store.log.seal(0)
      await eraseParts(log, someParts(log, 92))
      await thinEntries(log, 0, [
        [10, 90],
        [91, 92],
        [200, 250],
      ])
      await assertAnswers(log, queries)
      await appendHistory(log, 40, 93)
      await assertAnswers(log, queries.slice(0, 30))
    },
  },
  {
    title: 'drops a chunk to its leaf hashes, and knows its manifest still',
    async prove(bench) {
      const log = await bench.log()
      const edges = await chunked(log, [140, 180, 60], 94)
      const queries = queriesFor(log.events, 94).filter((_, nth) => nth % 4 === 0)
      const second = edges[1] as number
      const manifest = await log.store.log.seal(second)
      await dropChunk(log, second)
      await assertRemains(log)
      await assertAnswers(log, queries)
      await assertPositions(log)
      assert.deepEqual(await log.store.log.manifest(second), manifest)
      assert.deepEqual(await log.store.log.seal(second), manifest)
      assert.deepEqual(
        (await log.store.log.chunks()).map(({ lo, hi, state }) => [lo, hi, state]),
        [
          [0, 140, 'closed'],
          [140, 320, 'dropped'],
          [320, 380, 'open'],
        ],
      )
    },
  },
  {
    title: 'a chunk of which every entry was thinned is dropped',
    async prove(bench) {
      const log = await bench.log()
      await chunked(log, [70, 10], 95)
      await log.store.log.seal(0)
      await thinEntries(log, 0, [[0, 40]])
      await thinEntries(log, 0, [[40, 70]])
      assert.equal((await log.store.log.chunks())[0]?.state, 'dropped')
      await assertRemains(log)
    },
  },
  {
    title: 'thinning, dropping and erasing what is gone does nothing',
    async prove(bench) {
      const log = await bench.log()
      await chunked(log, [100, 100, 10], 96)
      await log.store.log.seal(0)
      await log.store.log.seal(100)
      await thinEntries(log, 0, [[0, 50]])
      await dropChunk(log, 100)
      const before = await readAll(log.store, 0, log.size)
      await log.store.log.thin(0, [[10, 20]])
      await log.store.log.thin(0, [])
      await log.store.log.thin(100, [[100, 150]])
      await log.store.log.drop(100)
      await log.store.log.erase([
        [4, 'who'],
        [140, 'what'],
      ])
      assert.deepEqual(await readAll(log.store, 0, log.size), before)
    },
  },
  {
    title: 'thins and drops nothing that is not sealed, and only within the chunk',
    async prove(bench) {
      const log = await bench.log()
      await chunked(log, [40, 40, 10], 97)
      const refused = (error: unknown): boolean =>
        error instanceof AnnalsError && error.code === 'ANNALS_INVALID'
      for (const lo of [0, 40, 80]) {
        await assert.rejects(() => log.store.log.thin(lo, [[lo, lo + 5]]), refused)
        await assert.rejects(() => log.store.log.drop(lo), refused)
      }
      await log.store.log.seal(40)
      await thinEntries(log, 40, [
        [0, 45],
        [75, 90],
      ])
      await assertRemains(log)
    },
  },
  {
    title: 'the key of a thinned entry can be used again',
    async prove(bench) {
      const log = await bench.log()
      await log.append([{ action: 'a', id: 'once' }, { action: 'b' }, ...variedDrafts(10, 98)])
      await log.endChunk()
      await log.append([{ action: 'c' }])
      const key = log.key({ system: '', key: 'once' })
      await log.store.log.seal(0)
      assert.deepEqual(await log.store.search.keyed([key]), [0])
      await thinEntries(log, 0, [[0, 1]])
      assert.deepEqual(await log.store.search.keyed([key]), [undefined])
      await log.append([{ action: 'a', id: 'once' }])
      assert.deepEqual(await log.store.search.keyed([key]), [log.size - 1])
    },
  },
  {
    title:
      'any sequence of appending, sealing, erasing, thinning, dropping and reopening leaves exactly what must be left',
    async prove(bench) {
      for (let seed = 1; seed <= 4; seed++) await anySequence(await bench.log(), seed, bench)
    },
  },
]

async function anySequence(
  begun: SampleLog,
  seed: number,
  bench: Parameters<Law['prove']>[0],
): Promise<void> {
  let log = begun
  const random = randomOf(seed * 1_009)
  const pick = <T>(of: readonly T[]): T | undefined => of[random.below(of.length)]
  await appendHistory(log, 30, seed)
  const queries = queriesFor(log.events, seed).filter((_, nth) => nth % 11 === seed)
  for (let step = 0; step < 30; step++) {
    const chunks = await log.store.log.chunks()
    const inState = (...states: string[]): typeof chunks =>
      chunks.filter(({ state }) => states.includes(state))
    switch (random.below(8)) {
      case 0:
      case 1:
        await log.append(variedDrafts(1 + random.below(60), seed * 100 + step))
        log.time += random.below(5_000)
        break
      case 2:
        await log.endChunk()
        await log.append(variedDrafts(1 + random.below(9), seed * 100 + step))
        break
      case 3: {
        const chunk = pick(inState('closed', 'sealed'))
        const signed =
          chunk !== undefined && (chunk.lo === 0 || (await log.store.log.kept(chunk.lo)) !== undefined)
        if (signed && (await log.store.log.kept(chunk.hi)) !== undefined) await log.store.log.seal(chunk.lo)
        break
      }
      case 4:
      case 5: {
        const parts = allParts(log)
        const from = random.below(parts.length)
        await eraseParts(
          log,
          parts.slice(from, from + 40).filter(() => random.below(3) === 0),
        )
        break
      }
      case 6: {
        const chunk = pick(inState('sealed', 'dropped'))
        if (chunk === undefined) break
        const from = chunk.lo + random.below(chunk.hi - chunk.lo)
        if (random.below(5) === 0) await dropChunk(log, chunk.lo)
        else await thinEntries(log, chunk.lo, [[from, from + random.below(40)]])
        break
      }
      default:
        if (bench.supports.persistence && random.below(2) === 0) log = await log.again(bench)
    }
    if (step % 6 === 5) {
      await assertRemains(log)
      await assertAnswers(log, queries)
    }
  }
  await assertPositions(log)
}
