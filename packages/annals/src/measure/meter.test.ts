import { expect, it, onTestFinished } from 'vitest'
import type { Item } from '../log/item.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { Meter } from './meter.ts'

it('streams of the same question share its answers, those of others do not', async () => {
  const store = await openMemory()
  const trail = await openTrail({ store, sealing: 'manual' })
  onTestFinished(() => trail.close())
  await trail.record('a')
  let size = trail.size
  let measured = 0
  const meter = new Meter({
    log: {
      size: () => size,
      read: (from, to) => store.log.read(from, to),
      hashes: tile => store.log.hashes(tile),
      positionAt: time => store.search.positionAt(time),
    },
    pepper: undefined,
    // It is looked at once for each answer.
    now: () => {
      measured++
      return Date.now()
    },
    report: error => expect.unreachable(error.message),
  })
  onTestFinished(() => meter.close())
  const limited = meter.reader(() => ({ tenant: 'acme', visibility: 'owner', withheld: [] }))
  const streams = Array.from({ length: 100 }, (_, n) =>
    (n % 2 === 0 ? meter.reader() : limited)
      .metrics('operations', {}, { everyMs: 1_000 })
      [Symbol.asyncIterator](),
  )
  const totals = async (): Promise<readonly number[]> =>
    await Promise.all(streams.map(async one => (await one.next()).value?.value.total ?? -1))
  expect(new Set(await totals())).toEqual(new Set([1, 0]))
  expect(measured).toBe(100)
  const content = {
    outcome: { result: 'success' },
    actor: { type: 'user', id: 'x' },
    targets: [],
    visibility: 'owner',
    tenant: 'acme',
  }
  const event = { action: 'a', phase: 'single', content }
  meter.offer([{ index: size++, recordedAt: Date.now(), weight: 300, event } as unknown as Item])
  const after = await totals()
  expect([after.filter(total => total === 2).length, after.filter(total => total === 1).length]).toEqual([
    50, 50,
  ])
  expect(measured - 100).toBeLessThan(20)
  for (const stream of streams) await stream.return?.()
})
