import assert from 'node:assert/strict'
import type { PartPlace } from '../../log/log-store.ts'
import { readRecord } from '../../log/record-bytes.ts'
import { assertCounted } from './count-laws.ts'
import { assertFound } from './find-laws.ts'
import { readAll } from './held.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { queriesFor } from './queries.ts'
import { assertPositions, assertRemains, eraseParts } from './remains.ts'
import type { SampleLog } from './sample-log.ts'
import { searchOf } from './search.ts'
import { variedDrafts } from './varied-drafts.ts'
import type { Written } from './written.ts'

export const ERASE_LAWS: readonly Law[] = [
  {
    title:
      'erased parts are gone with their key references, and entries, leaves, tree and all other parts stay',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 400, 61)
      for (const parts of [[[3, 'who']], someParts(log, 61), allParts(log).slice(0, 90)] as PartPlace[][]) {
        await eraseParts(log, parts)
        await assertRemains(log)
      }
      await assertPositions(log)
    },
  },
  {
    title: 'what was erased is found and counted by nothing, and everything else as before',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 400, 62)
      // Asked of what was there, so that many ask for what is gone.
      const queries = queriesFor(log.events, 62)
      await assertAnswers(log, queries.slice(0, 20))
      await eraseParts(log, someParts(log, 62))
      await assertAnswers(log, queries)
      await appendHistory(log, 60, 63)
      await assertAnswers(log, ['is:erased', '-is:erased', 'actor.type:erased'])
    },
  },
  {
    title: 'finds nothing of what was erased a moment after it was appended',
    async prove(bench) {
      const log = await bench.log()
      for (let round = 0; round < 12; round++) {
        await log.append(variedDrafts(20, 640 + round))
        const queries = queriesFor(log.events.slice(-20), round).filter((_, nth) => nth % 9 === round % 9)
        await eraseParts(
          log,
          allParts(log)
            .slice(-26)
            .filter((_, nth) => nth % 3 !== 1),
        )
        await assertAnswers(log, queries)
      }
      await assertRemains(log)
    },
  },
  {
    title: 'erasing again does nothing, and neither does a part that an event does not have',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 120, 65)
      const parts = someParts(log, 65)
      await eraseParts(log, parts)
      const before = await readAll(log.store, 0, log.size)
      await log.store.log.erase([...parts, ...parts, [5, 'internal']])
      await log.store.log.erase([])
      assert.deepEqual(await readAll(log.store, 0, log.size), before)
      await assertAnswers(log, ['', 'is:erased'])
    },
  },
  {
    title: 'refuses a position that the log does not have, and erases nothing then',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 20, 66)
      for (const index of [20, 1_000, -1])
        await assert.rejects(
          () =>
            log.store.log.erase([
              [3, 'who'],
              [index, 'who'],
            ]),
          String(index),
        )
      await assertRemains(log)
    },
  },
  {
    title: 'erases while others are appended and read',
    async prove(bench) {
      const log = await bench.log()
      await appendHistory(log, 200, 67)
      let done = false
      const reading = (async () => {
        while (!done) {
          for (const { index, bytes } of await readAll(log.store, 0, 200)) {
            for (const part of readRecord(bytes, 0).parts) {
              // Whole or gone; never something in between.
              if (part.bytes !== null)
                assert.doesNotThrow(() => JSON.parse(part.bytes?.toString() ?? ''), `at ${index}`)
            }
          }
          await log.store.search.find(searchOf('actor:alice'), 'asc', 20)
        }
      })()
      const erasing = (async () => {
        for (let i = 0; i < 8; i++) await eraseParts(log, someParts(log, 670 + i).slice(0, 12))
      })()
      try {
        for (let i = 0; i < 60; i++) await log.append(variedDrafts(5, 680 + i))
        await erasing
      } finally {
        done = true
        await reading
      }
      await assertRemains(log)
      await assertAnswers(
        log,
        queriesFor(log.events, 67).filter((_, nth) => nth % 7 === 0),
      )
    },
  },
  {
    title: 'stays erased when it is opened again',
    needs: 'persistence',
    async prove(bench) {
      let log = await bench.log()
      await appendHistory(log, 300, 69)
      const queries = queriesFor(log.events, 69).filter((_, nth) => nth % 4 === 0)
      await eraseParts(log, someParts(log, 69))
      for (let round = 0; round < 2; round++) {
        log = await log.again(bench)
        await assertRemains(log)
        await assertAnswers(log, queries)
        await eraseParts(
          log,
          allParts(log).filter((_, nth) => nth % 23 === round),
        )
        await assertAnswers(
          log,
          queries.filter((_, nth) => nth % 5 === 0),
        )
      }
    },
  },
]

/** Every part that is still there. */
export function allParts(log: SampleLog): PartPlace[] {
  return log.written.flatMap((written: Written) =>
    written.thinned
      ? []
      : readRecord(written.bytes, 0)
          .parts.filter(({ name }) => !written.erased?.has(name))
          .map(({ name }): PartPlace => [written.index, name]),
  )
}

/** About one in five of the parts that are there. */
export function someParts(log: SampleLog, seed: number): PartPlace[] {
  return allParts(log).filter(([index], nth) => (index * 7 + nth + seed) % 5 === 0)
}

/** Asserts that every query is answered as over the events that are left. */
export async function assertAnswers(log: SampleLog, queries: readonly string[]): Promise<void> {
  for (const [nth, query] of queries.entries()) {
    await assertFound(log, searchOf(query), { order: nth % 2 === 0 ? 'asc' : 'desc', limit: 60 })
    if (nth % 4 === 0) await assertCounted(log, searchOf(query), nth % 8 === 0 ? [] : ['day', 'actor'])
  }
  for (const by of [[], ['action'], ['hour', 'outcome'], ['actor']]) {
    await assertCounted(log, searchOf(''), by)
    await assertCounted(log, searchOf('', { includeLog: true }), by)
  }
}
