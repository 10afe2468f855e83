import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { SearchIndex } from '../query/index.ts'
import { world } from './event-reader.test-support.ts'
import { checkLimit, EventReader } from './event-reader.ts'

async function indexes(reader: EventReader): Promise<number[]> {
  const found: number[] = []
  for await (const event of reader) found.push(event.index)
  return found
}

async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

describe('EventReader', () => {
  it('P17: a plain read is a snapshot of the size at its beginning', async () => {
    const { read, grow } = world(600)
    const reader = read()
    expect((await reader.next()).value?.index).toBe(0)
    grow(50)
    expect(await indexes(reader)).toEqual(Array.from({ length: 599 }, (_, i) => i + 1))
  })

  it('P12: descending is the reverse', async () => {
    const { read } = world(600)
    expect(await indexes(read({ order: 'desc' }))).toEqual(Array.from({ length: 600 }, (_, i) => 599 - i))
  })

  it('P20: news that come at any moment around the switch and the waiting are delivered, once', async () => {
    for (const stored of [0, 1, 3]) {
      for (let pause = 0; pause < 40; pause++) {
        const { read, grow } = world(stored)
        const reader = read({ follow: true })
        const got: (number | undefined)[] = []
        const reading = (async () => {
          for (let i = 0; i < stored + 2; i++) got.push((await reader.next()).value?.index)
        })()
        await ticks(pause)
        grow()
        await ticks(pause)
        grow()
        await Promise.race([reading, delay(500)])
        expect(got, `${stored} stored, ${pause} ticks`).toEqual(
          Array.from({ length: stored + 2 }, (_, i) => i),
        )
        reader.end()
      }
    }
  })

  it('a consumer that asks again in the same tick is answered, and so are several at once', async () => {
    const { read, grow } = world(3)
    const reader = read({ follow: true })
    const asked = Promise.all(Array.from({ length: 5 }, () => reader.next()))
    grow(1)
    await ticks(30)
    grow(1)
    const answers = await Promise.race([asked, delay(500)])
    expect(answers?.map(answer => answer.value?.index)).toEqual([0, 1, 2, 3, 4])
    reader.end()
  })

  it('P20: what comes while the consumer is busy all arrives, also far beyond the buffer', async () => {
    const { read, grow, feed } = world(10)
    const reader = read({ follow: true, limit: 9_010 })
    const got: number[] = []
    for await (const event of reader) {
      got.push(event.index)
      if (got.length <= 9) grow(1_000)
    }
    expect(got).toEqual(Array.from({ length: 9_010 }, (_, i) => i))
    expect(feed.listeners).toBe(0)
  })

  it('P22: return, end and abort answer who waits at once and free the listener', async () => {
    const { read, feed, open } = world(0)
    const controller = new AbortController()
    for (const stop of [
      (reader: EventReader) => void reader.return(),
      (reader: EventReader) => reader.end(),
      () => controller.abort(),
    ]) {
      const reader = read({ follow: true, signal: controller.signal })
      const waiting = [reader.next(), reader.next()]
      await ticks(10)
      expect(feed.listeners).toBe(1)
      stop(reader)
      expect(feed.listeners).toBe(0)
      expect(await Promise.all(waiting)).toEqual([
        { done: true, value: undefined },
        { done: true, value: undefined },
      ])
      expect(await reader.next()).toEqual({ done: true, value: undefined })
    }
    expect(open.size).toBe(0)
  })

  it('P22: a signal that was aborted before gives nothing and leaves nothing', async () => {
    const { read, feed, open } = world(5)
    const reader = read({ signal: AbortSignal.abort() })
    expect(await indexes(reader)).toEqual([])
    expect(open.size).toBe(0)
    expect(feed.listeners).toBe(0)
  })

  it('P22: 10,000 cancelled readers leave no listener', async () => {
    const { read, feed, open } = world(2)
    const controller = new AbortController()
    for (let i = 0; i < 10_000; i++) {
      const reader = read({ follow: true, ...(i % 2 === 0 ? {} : { signal: new AbortController().signal }) })
      const waiting = [reader.next(), reader.next(), reader.next()]
      await ticks(12)
      if (i % 100 === 0) expect(feed.listeners).toBe(1)
      await reader.return()
      expect((await waiting[2])?.done).toBe(true)
    }
    controller.abort()
    expect(feed.listeners).toBe(0)
    expect(open.size).toBe(0)
  })

  it('P21: a live reader ends when its limit is met, by stored events or by new ones', async () => {
    const { read, grow, feed } = world(5)
    expect(await indexes(read({ follow: true, limit: 3 }))).toEqual([0, 1, 2])
    expect(await indexes(read({ follow: true, limit: 0 }))).toEqual([])
    const reading = indexes(read({ follow: true, limit: 7 }))
    await ticks(20)
    grow(5)
    expect(await reading).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(feed.listeners).toBe(0)
  })

  it('P21: a live reader with an end ahead ends at that time without traffic', async () => {
    const { read, feed } = world(1)
    const started = Date.now()
    expect(await indexes(read({ follow: true, endsAt: started + 80 }))).toEqual([0])
    expect(Date.now() - started).toBeGreaterThanOrEqual(75)
    expect(Date.now() - started).toBeLessThan(20_000)
    expect(feed.listeners).toBe(0)
  })

  it('P21: an end in 30 days neither warns nor spins', async () => {
    const { read, grow } = world(1)
    const warnings: Error[] = []
    const hear = (warning: Error): void => void warnings.push(warning)
    process.on('warning', hear)
    const timers = (): number => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    const reader = read({ follow: true, endsAt: Date.now() + 30 * 86_400_000 })
    await reader.next()
    const waiting = reader.next()
    const used = process.cpuUsage()
    await delay(150)
    expect(process.cpuUsage(used).user).toBeLessThan(120_000)
    grow()
    expect((await waiting).value?.index).toBe(1)
    reader.end()
    process.off('warning', hear)
    expect(warnings).toEqual([])
    expect(timers()).toBeLessThanOrEqual(before)
  })

  it('P21: a live reader with an end by position ends when the log passes it, though nothing matches', async () => {
    const { read, grow } = world(2)
    const some = indexes(read({ follow: true, to: 4, matches: event => event.index === 3 }))
    const none = indexes(read({ follow: true, to: 4, from: 2, matches: () => false }))
    await ticks(20)
    grow()
    await ticks(20)
    grow()
    expect(await Promise.race([some, delay(500)])).toEqual([0, 1, 3])
    expect(await Promise.race([none, delay(500)])).toEqual([])
  })

  it('P15: seek above seekEnd and limit 0 are empty, and cost no search', async () => {
    const { read, finds } = world(9)
    for (const order of ['asc', 'desc'] as const) {
      expect(await indexes(read({ order, from: 5, to: 3 }))).toEqual([])
      expect(await indexes(read({ order, from: 5, to: 5 }))).toEqual([])
      expect(await indexes(read({ order, limit: 0 }))).toEqual([])
    }
    expect(finds).toEqual([])
  })

  it('P2: closing rejects a half-read plain reader, ends a live one, and leaves one that is through as it is', async () => {
    const { read } = world(9)
    const half = read()
    await half.next()
    half.close()
    await expect(half.next()).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    await expect(half.next()).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    const live = read({ follow: true, from: 9 })
    const waiting = live.next()
    await ticks(10)
    live.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    const through = read({ limit: 1 })
    await through.next()
    through.close()
    expect((await through.next()).done).toBe(true)
  })

  it('a search that fails rejects who waits, and frees the listener', async () => {
    const { feed } = world(3)
    const broken = { find: () => Promise.reject(new Error('index is gone')) } as unknown as SearchIndex
    const reader = new EventReader(
      {
        search: { query: '', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to: 9 },
        order: 'asc',
        limit: 9,
        follow: true,
        matches: () => true,
      },
      { index: broken, live: feed, present: event => event },
      () => {},
    )
    await expect(reader.next()).rejects.toThrow('index is gone')
    expect(feed.listeners).toBe(0)
  })

  it('P15: a limit is a whole number of 0 or more', () => {
    expect(checkLimit(undefined, 7)).toBe(7)
    expect(checkLimit(0, 7)).toBe(0)
    for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3' as never, null as never])
      expect(() => checkLimit(limit, 7)).toThrow(
        expect.objectContaining({ code: 'ANNALS_INVALID', path: '/limit' }),
      )
  })
})
