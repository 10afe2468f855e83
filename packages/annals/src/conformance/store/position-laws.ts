import assert from 'node:assert/strict'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import type { SampleLog } from './sample-log.ts'
import { variedDrafts } from './varied-drafts.ts'

const UNKNOWN_IDS = [
  '',
  'nope',
  '00000000-0000-7000-8000-000000000000',
  'ffffffff-ffff-7fff-bfff-ffffffffffff',
]

export const POSITION_LAWS: readonly Law[] = [
  {
    title: 'knows the position of every id, and none of another',
    async prove(bench) {
      const log = await bench.commonLog()
      await appendHistory(log, 300, 51)
      for (const { index, event } of log.written)
        assert.equal(await log.store.search.position(event.id), index)
      const [, , third] = log.events
      for (const id of [...UNKNOWN_IDS, `${third?.id.slice(0, -1)}_`, third?.id.toUpperCase() ?? '']) {
        if (log.events.some(event => event.id === id)) continue
        assert.equal(await log.store.search.position(id), undefined, id)
      }
      await log.append([{ action: 'a' }])
      const newest = log.events.at(-1)
      assert.equal(await log.store.search.position(newest?.id ?? ''), newest?.index)
    },
  },
  {
    title: 'knows the first position of a time, where many have the same',
    async prove(bench) {
      const log = await bench.commonLog()
      for (const step of [0, 0, 1, 0, 5, 0, 0, 0, 3_600_000, 0, 0]) {
        log.time += step
        await log.append(variedDrafts(7, log.size))
      }
      await assertTimes(log)
      log.nextPeriod()
      await log.append(variedDrafts(2, 52))
      await assertTimes(log)
    },
  },
  {
    title: 'knows the position of an idempotency key at once, and none of an unknown one',
    async prove(bench) {
      const log = await bench.commonLog()
      assert.deepEqual(await log.store.search.keyed([]), [])
      const key = (n: number): string => log.key({ system: '', key: `key ${n}` })
      const others = variedDrafts(300, 53)
      for (let n = 0; n < 60; n++) {
        assert.deepEqual(await log.store.search.keyed([key(n)]), [undefined])
        await log.append([{ action: 'a' }, { action: 'b', id: `key ${n}` }, ...others.splice(0, n % 9)])
        const unknown = log.key({ system: 'aws', key: `key ${n}` })
        const position = log.written.findIndex(written => written.key === key(n))
        assert.deepEqual(await log.store.search.keyed([key(n), unknown, key(n)]), [
          position,
          undefined,
          position,
        ])
        if (n % 25 === 24) log.nextPeriod()
      }
      await assertKeys(log)
    },
  },
]

/** Every key of a log at once. */
export async function assertKeys(log: SampleLog): Promise<void> {
  const keyed = log.written.filter(({ key }) => key !== undefined)
  assert.ok(keyed.length > 0)
  const keys = keyed.map(({ key }) => key ?? '')
  assert.deepEqual(
    await log.store.search.keyed(keys),
    keyed.map(({ index }) => index),
  )
}

/** Every time of a log, and those around it. */
export async function assertTimes(log: SampleLog): Promise<void> {
  const times = new Set([0, ...log.written.flatMap(({ time }) => [time - 1, time, time + 1]), 8.64e15])
  for (const time of times) {
    const first = log.written.find(written => written.time >= time)?.index ?? log.size
    assert.equal(await log.store.search.positionAt(time), first, `positionAt(${time})`)
  }
}
