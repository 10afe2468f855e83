import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Measured } from '../measure/index.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { newTrail, STORES, temporaryDirectory } from './trail.test-support.ts'
import type { TrailReader } from './trail.ts'

const FAST = { everyMs: 50 }

/** The totals that a stream tells, with what it is asked for them. */
function totals(reader: TrailReader, window = {}, options = FAST): AsyncIterableIterator<number> {
  const stream = reader.metrics('operations', window, options)[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const { done, value } = await stream.next()
      return done === true ? { done: true, value: undefined } : { done: false, value: value.value.total }
    },
    async return() {
      await stream.return?.()
      return { done: true, value: undefined }
    },
  }
}

/** Whether a promise is settled after everything that is under way has been done. */
async function isSettled(promise: Promise<unknown>, withinMs = 200): Promise<boolean> {
  return await Promise.race([promise.then(() => true), delay(withinMs, false)])
}

describe.each(STORES)('streams of metrics on %s', kind => {
  it('P31: tell what is there, then what has changed, many changes at once', async () => {
    const trail = await newTrail(kind)
    await trail.recordAll([{ action: 'a' }, { action: 'a' }])
    const seen = totals(trail)
    expect(await seen.next()).toEqual({ done: false, value: 2 })
    const next = seen.next()
    for (let n = 0; n < 20; n++) await trail.record('a')
    expect(await next).toEqual({ done: false, value: expect.toSatisfy(total => total >= 3) })
    let total = (await next).value as number
    while (total < 22) total = (await seen.next()).value as number
    expect(total).toBe(22)
    await seen.return?.()
  })

  it('tell nothing when nothing of theirs has changed', async () => {
    const trail = await newTrail(kind)
    const seen = totals(trail, { topic: 'a' })
    expect((await seen.next()).value).toBe(0)
    const next = seen.next()
    for (let n = 0; n < 5; n++) await trail.record('b')
    expect(await isSettled(next)).toBe(false)
    await trail.record('a')
    expect((await next).value).toBe(1)
    await seen.return?.()
  })

  it('change as time passes when they look back from now', async () => {
    const trail = await newTrail(kind)
    await trail.record('a')
    const seen = totals(trail, { last: 1_200 })
    expect((await seen.next()).value).toBe(1)
    // Nothing is recorded meanwhile.
    expect((await seen.next()).value).toBe(0)
    expect(await isSettled(seen.next())).toBe(false)
    await seen.return?.()
  })

  it('end at once: by return, by abort, and with the trail', async () => {
    const trail = await newTrail(kind)
    const ending = new AbortController()
    const options = { ...FAST, signal: ending.signal }
    const [returned, aborted, closed] = [totals(trail), totals(trail, {}, options), totals(trail)]
    const first = await Promise.all([returned, aborted, closed].map(stream => stream.next()))
    expect(first.map(({ value }) => value)).toEqual([0, 0, 0])
    const waiting = [returned, aborted, closed].map(stream => stream.next())
    await returned.return?.()
    expect(await waiting[0]).toEqual({ done: true, value: undefined })
    ending.abort()
    expect(await waiting[1]).toEqual({ done: true, value: undefined })
    expect(await isSettled(waiting[2] as Promise<unknown>, 20)).toBe(false)
    await trail.close()
    expect(await waiting[2]).toEqual({ done: true, value: undefined })
    for (const stream of [returned, aborted, closed]) expect((await stream.next()).done).toBe(true)
    const late = trail.metrics.bind(trail, 'operations')
    expect(late).toThrow('The trail is closed.')
  })

  it('are each their own, and many cancelled ones leave nothing behind', async () => {
    const trail = await newTrail(kind)
    await trail.record('a')
    const { signal } = new AbortController()
    const stream = trail.metrics('operations', {}, { ...FAST, signal })
    for (let n = 0; n < 200; n++) {
      for await (const { value } of stream) {
        expect(value.total).toBe(1)
        break
      }
    }
    const waiting = Array.from({ length: 200 }, () => totals(trail))
    await Promise.all(waiting.map(one => one.next()))
    const nexts = waiting.map(one => one.next())
    await trail.record('a')
    expect(new Set((await Promise.all(nexts)).map(({ value }) => value))).toEqual(new Set([2]))
    await Promise.all(waiting.map(one => one.return?.()))
    expect(await isSettled(trail.close(), 10_000)).toBe(true)
  })
})

it('a reader in another process sees what a writer records, and ends by itself', async () => {
  const dir = temporaryDirectory()
  await using trail = await openTrail({ dir })
  await trail.record('a')
  const reader = await openReader({ dir })
  const stream = reader.metrics('actors', {}, FAST)[Symbol.asyncIterator]()
  const value = async (): Promise<Measured<'actors'>['value']> => (await stream.next()).value?.value
  expect(await value()).toEqual({ distinct: 0, exact: true })
  const next = value()
  await trail.record('a', { actor: { type: 'user', id: 'u1' } })
  expect(await next).toEqual({ distinct: 1, exact: true })
  const last = stream.next()
  await reader.close()
  expect((await last).done).toBe(true)
})
