import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { queriesFor } from '../../../conformance/store/queries.ts'
import type { SampleLog } from '../../../conformance/store/sample-log.ts'
import { expectedOf, searchOf } from '../../../conformance/store/search.ts'
import { walk } from '../../../conformance/store/walk.ts'
import type { AuditEvent } from '../../../model/index.ts'
import { countAll } from '../../../query/index.ts'
import type { SearchIndex } from '../../../query/search-index.ts'
import { randomOf } from '../../../testing/random.ts'
import { openEmbeddedReader } from '../open-reader.ts'
import { appendChunk, closeLog, openLog, temporaryDirectory } from './sealing.test-support.ts'

/** Positions of which nothing but the leaf hash is left. */
type Gone = (index: number) => boolean

/** A log with a chunk in every state: what is gone of it, and what was recorded. */
async function logOfEveryState(dir: string): Promise<{ readonly log: SampleLog; readonly gone: Gone }> {
  const log = await openLog(dir)
  const closed = await appendChunk(log, 350, 1)
  const dropped = await appendChunk(log, 400, 2)
  const sealed = await appendChunk(log, 700, 3)
  const thinned = await appendChunk(log, 650, 4)
  const emptied = await appendChunk(log, 310, 5)
  await appendChunk(log, 20, 6)
  for (const lo of [dropped, sealed, thinned, emptied]) await log.store.log.seal(lo)
  const ranges = [
    [thinned, thinned + 3],
    [thinned + 100, thinned + 290],
    [thinned + 300, thinned + 333],
  ] as const
  await log.store.log.thin(thinned, ranges)
  await log.store.log.thin(thinned, ranges)
  await log.store.log.thin(emptied, [[emptied, emptied + 155]])
  await log.store.log.thin(emptied, [[0, 100_000]])
  await log.store.log.drop(dropped)
  await log.store.log.drop(dropped)
  expect((await log.store.log.chunks()).map(({ lo, state }) => [lo, state])).toEqual([
    [closed, 'closed'],
    [dropped, 'dropped'],
    [sealed, 'sealed'],
    [thinned, 'sealed'],
    [emptied, 'dropped'],
    [emptied + 310, 'open'],
  ])
  const gone: Gone = index =>
    (index >= dropped && index < sealed) ||
    ranges.some(([from, to]) => index >= from && index < to) ||
    (index >= emptied && index < emptied + 310)
  return { log, gone }
}

/** Waits until every segment of which something is left has a closed index. */
async function indexed(dir: string): Promise<void> {
  const open = (): boolean =>
    readdirSync(join(dir, 'chunks'), { recursive: true, encoding: 'utf8' }).some(
      name =>
        name.endsWith('.sealed') && !existsSync(join(dir, 'chunks', name.replace('.sealed', '.idx.sha256'))),
    )
  while (open()) await delay(20)
}

async function expectSearches(index: SearchIndex, log: SampleLog, gone: Gone): Promise<void> {
  const left = (events: readonly AuditEvent[]): AuditEvent[] => events.filter(event => !gone(event.index))
  const random = randomOf(9)
  const queries = queriesFor(log.events, 9)
  for (const query of [
    '',
    ...Array.from({ length: 14 }, () => queries[random.below(queries.length)] ?? ''),
  ]) {
    const search = searchOf(query)
    const expected = left([...expectedOf(log.events, search)])
    expect(await walk(index, search, { order: 'asc', limit: 200 }), query).toEqual(expected)
    expect(await walk(index, search, { order: 'desc', limit: 90 }), query).toEqual([...expected].reverse())
    expect((await countAll(index, search)).total, query).toBe(expected.length)
  }
  const all = searchOf('', { includeLog: true })
  const { total, groupings } = await countAll(index, all, [['action', 'hour']])
  const groups = groupings[0]?.groups ?? []
  expect(total).toBe(left([...log.events]).length)
  expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(total)
}

async function expectPositions(index: SearchIndex, log: SampleLog, gone: Gone): Promise<void> {
  for (const { index: at, event, key, time } of log.written) {
    if (at % 3 !== 0 && at % 100 > 2) continue
    expect(await index.position(event.id), String(at)).toBe(gone(at) ? undefined : at)
    if (key !== undefined) expect(await index.keyed([key])).toEqual([gone(at) ? undefined : at])
    for (const instant of [time, time + 1]) {
      const found = await index.positionAt(instant)
      expect(log.written.findLast(one => one.time < instant && !gone(one.index))?.index ?? -1).toBeLessThan(
        found,
      )
      const next = log.written.find(one => one.time >= instant && !gone(one.index))
      expect(next?.index ?? log.size).toBeGreaterThanOrEqual(found)
    }
  }
}

describe('a log with chunks in every state', () => {
  it('is searched as before, but for what is gone, while its indexes are made anew, after that, and opened again', async () => {
    const dir = temporaryDirectory()
    const { log, gone } = await logOfEveryState(dir)
    await expectSearches(log.store.search, log, gone)
    await indexed(dir)
    await expectSearches(log.store.search, log, gone)
    await expectPositions(log.store.search, log, gone)
    const reader = await openEmbeddedReader({ dir })
    await expectSearches(reader.search, log, gone)
    await expectPositions(reader.search, log, gone)
    await reader.close()
    await closeLog(log)
    const again = await openLog(dir)
    await expectSearches(again.store.search, log, gone)
    expect(again.head.tree.size).toBe(log.size)
    expect(again.head.notices).toEqual([])
  })

  it('gives leaf hashes for what is gone, and the records of everything else', async () => {
    const dir = temporaryDirectory()
    const { log, gone } = await logOfEveryState(dir)
    const reader = await openEmbeddedReader({ dir })
    for (const source of [log.store.log, reader]) {
      let index = 0
      for await (const batch of source.read(0, log.size)) {
        for (const { index: at, record } of batch) {
          expect(at).toBe(index++)
          const written = log.written[at]
          if (gone(at)) expect(record.thinned?.leaf).toEqual(written?.leaf)
          else expect(record.bytes.equals(written?.bytes ?? Buffer.alloc(0)), String(at)).toBe(true)
        }
      }
      expect(index).toBe(log.size)
    }
    await reader.close()
  })
})

describe('a reader in another process', () => {
  it('goes on when what it has open is sealed, thinned and dropped', async () => {
    const dir = temporaryDirectory()
    const log = await openLog(dir)
    const lo = await appendChunk(log, 700, 7)
    await appendChunk(log, 30, 8)
    const reader = await openEmbeddedReader({ dir })
    const all = async (): Promise<readonly number[]> =>
      (await walk(reader.search, searchOf('', { includeLog: true }), { order: 'asc', limit: 1000 })).map(
        event => event.index,
      )
    const everything = log.written.map(({ index }) => index)
    expect(await all()).toEqual(everything)
    await log.store.log.seal(lo)
    expect(await all()).toEqual(everything)
    await log.store.log.thin(lo, [[10, 500]])
    expect(await all()).toEqual(everything.filter(index => index < 10 || index >= 500))
    await log.store.log.drop(lo)
    expect(await all()).toEqual(everything.filter(index => index >= 700))
    await reader.close()
  })
})
