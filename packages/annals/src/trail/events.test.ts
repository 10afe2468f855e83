import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { catalog, defineEvent } from '../catalog/index.ts'
import type { AuditEvent } from '../model/index.ts'
import { sampleDrafts } from '../testing/index.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { all, newTrail, numbers, STORES, sharedTrail, temporaryDirectory } from './trail.test-support.ts'
import type { EventsOptions, Seek } from './trail.ts'

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

describe.each(STORES)('streams on the %s store', kind => {
  it('P11: with concurrent writers a live reader gets every event in order of position, none skipped', async () => {
    const trail = await newTrail(kind)
    const reading = all(trail.events('', { follow: true, limit: 600 }))
    await Promise.all(
      count(20).map(async writer => {
        for (const n of count(30)) {
          const actor = { type: 'user', id: `u${writer}-${n % 3}` }
          await trail.record('a', n % 4 === 0 ? { actor, data: { writer, n } } : { data: { writer, n } })
          if (n % 7 === writer % 7) await turn()
        }
      }),
    )
    const events = await reading
    for (const [i, event] of events.entries()) expect(event.index).toBe(events[0]!.index + i)
    for (const writer of count(20)) {
      const mine = events.filter(event => (event.data as { writer: number }).writer === writer)
      expect(numbers(mine)).toEqual(count(30))
    }
    expect(new Set(events.map(event => event.id)).size).toBe(600)
  })

  it('P20 T44: readers that begin at any time under load see the same, stored and live, once, equal to a replay', async () => {
    const trail = await newTrail(kind)
    const total = 1_500
    const drafts = [...sampleDrafts({ count: total })]
    const readings: Promise<AuditEvent[]>[] = []
    for (let at = 0; at < total; at += 50) {
      if (at % 150 === 0) readings.push(all(trail.events('', { follow: true, limit: total })))
      const batch = trail.recordAll(drafts.slice(at, at + 50))
      if (at % 100 === 0) await batch
      else await turn()
    }
    const replay = async (): Promise<AuditEvent[]> => await all(trail.events('', { limit: total }))
    await trail.flush()
    const expected = await replay()
    expect(expected).toHaveLength(total)
    for (const reading of readings) expect(await reading).toStrictEqual(expected)
  })

  it('P20: what is recorded while the consumer is busy all arrives, from a cursor too', async () => {
    const trail = await newTrail(kind)
    const first = await trail.recordAll(count(5).map(n => ({ action: 'a', data: { n } })))
    const seek = (first[2] as { id: string }).id
    const got: unknown[] = []
    for await (const event of trail.events('action:a', { follow: true, seek, limit: 2_503 })) {
      if (got.length === 1 || got.length === 4)
        await trail.recordAll(
          count(1_250).map(n => ({ action: 'a', data: { n: 5 + n + (got.length === 1 ? 0 : 1_250) } })),
        )
      got.push((event.data as { n: number }).n)
    }
    expect(got).toEqual(count(2_505).slice(2))
  })

  it('P21: a live reader with a time ahead as its end stops then; with one in the past after the stored ones', async () => {
    const trail = await newTrail(kind)
    await trail.record('a', { data: { n: 1 } })
    await delay(5)
    const past = new Date()
    await delay(5)
    await trail.record('a', { data: { n: 2 } })
    expect(numbers(await all(trail.events('', { follow: true, seekEnd: past })))).toEqual([1])
    const started = Date.now()
    const reading = all(trail.events('', { follow: true, seekEnd: new Date(started + 250) }))
    await delay(20)
    await trail.record('a', { data: { n: 3 } })
    expect(numbers(await reading)).toEqual([1, 2, 3])
    expect(Date.now() - started).toBeGreaterThanOrEqual(245)
    expect(Date.now() - started).toBeLessThan(20_000)
  })

  it('P21: an end in 30 days neither warns nor ends at once; a limit is met by stored events only', async () => {
    const trail = await newTrail(kind)
    await trail.recordAll(count(4).map(n => ({ action: 'a', data: { n } })))
    const warnings: Error[] = []
    const hear = (warning: Error): void => void warnings.push(warning)
    process.on('warning', hear)
    const reader = trail
      .events('', { follow: true, seekEnd: new Date(Date.now() + 30 * 86_400_000) })
      [Symbol.asyncIterator]()
    for (const _ of count(4)) await reader.next()
    const next = reader.next()
    expect(await Promise.race([next, delay(60, 'waits')])).toBe('waits')
    await trail.record('a', { data: { n: 4 } })
    expect((await next).value?.data).toEqual({ n: 4 })
    await reader.return?.()
    process.off('warning', hear)
    expect(warnings).toEqual([])
    expect(numbers(await all(trail.events('', { follow: true, limit: 3 })))).toEqual([0, 1, 2])
    expect(await all(trail.events('', { follow: true, limit: 0 }))).toEqual([])
  })

  it('P22: return, abort and cancel end a waiting reader at once, also before it has begun', async () => {
    const trail = await newTrail(kind)
    const done = { done: true, value: undefined }
    const reader = trail.events('', { follow: true })[Symbol.asyncIterator]()
    const waiting = reader.next()
    await delay(10)
    expect(await reader.return?.()).toEqual(done)
    expect(await waiting).toEqual(done)
    const controller = new AbortController()
    const aborted = all(trail.events('', { follow: true, signal: controller.signal }))
    await delay(10)
    controller.abort()
    expect(await aborted).toEqual([])
    expect(await all(trail.events('', { follow: true, signal: controller.signal }))).toEqual([])
    const unborn = trail.events('', { follow: true })[Symbol.asyncIterator]()
    const asked = unborn.next()
    const ended = unborn.return?.()
    expect(await Promise.all([asked, ended])).toEqual([done, done])
    const stream = trail.events('', { follow: true }).toStream().getReader()
    const pulled = stream.read()
    await delay(5)
    await stream.cancel()
    expect(await pulled).toEqual(done)
    for await (const _ of trail.events('', { includeLog: true })) break
  })

  it('toStream gives the same events, ends as they end, and reads only what is asked for', async () => {
    const trail = await newTrail(kind)
    await trail.recordAll(count(700).map(n => ({ action: 'a', data: { n } })))
    expect(numbers(await all(trail.events().toStream()))).toEqual(count(700))
    await expect(all(trail.events('', { seek: 'nonsense' }).toStream())).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
    })
  })

  it('P1 P2 P4: close ends waiting live readers, rejects half-read and later ones, and is the same twice', async () => {
    const trail = await newTrail(kind)
    await trail.recordAll(count(600).map(n => ({ action: 'a', data: { n } })))
    const live = trail.events('', { follow: true, seek: trail.size })[Symbol.asyncIterator]()
    const waiting = live.next()
    const half = trail.events()[Symbol.asyncIterator]()
    await half.next()
    await delay(10)
    await Promise.all([trail.close(), trail.close()])
    expect(await waiting).toEqual({ done: true, value: undefined })
    const closed = { code: 'ANNALS_CLOSED' }
    await expect(half.next()).rejects.toMatchObject(closed)
    await expect(all(trail.events())).rejects.toMatchObject(closed)
    await expect(all(trail.events('', { follow: true }))).rejects.toMatchObject(closed)
    for (const asked of [
      () => trail.find(),
      () => trail.count(),
      () => trail.get(0),
      () => trail.record('a'),
    ])
      await expect(asked()).rejects.toMatchObject(closed)
    await trail.close()
  })

  it('P4: close right after a live reader was asked does not leave it waiting', async () => {
    const trail = await newTrail(kind)
    const asked = all(trail.events('', { follow: true, seek: new Date(0) }))
    await trail.close()
    expect(await Promise.race([asked.catch(error => error.code), delay(1_000, 'hangs')])).not.toBe('hangs')
  })

  it('P23: events of other topics are not delivered to a live reader, and do not keep it from its own', async () => {
    const trail = await newTrail(kind)
    const reading = all(trail.events('topic:mine', { follow: true, limit: 3 }))
    await delay(5)
    for (const n of count(3)) {
      await trail.recordAll(count(1_500).map(() => ({ action: 'other' })))
      await trail.record('mine', { data: { n } })
    }
    expect(numbers(await reading)).toEqual([0, 1, 2])
  })

  it('P26: live over several topics: one that is silent holds up none', async () => {
    const trail = await newTrail(kind)
    const reading = all(
      trail.events('topic:silent OR topic:busy OR topic:quiet.below', { follow: true, limit: 5 }),
    )
    await delay(5)
    for (const n of count(5)) await trail.record('busy', { data: { n } })
    expect(numbers(await reading)).toEqual(count(5))
  })

  it('P18: with a closed catalog nothing can be recorded under constructor or __proto__', async () => {
    const trail = await newTrail(kind, { catalog: catalog(defineEvent('a')) })
    for (const action of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      await expect(trail.record(action as never)).rejects.toMatchObject({ code: 'ANNALS_UNKNOWN_ACTION' })
    expect(await all(trail.events('topic:constructor OR topic:__proto__'))).toEqual([])
  })

  it('P14 P15: several events in one millisecond: a time takes all of them or none, and id, index and Date agree', async () => {
    let wall = Date.parse('2026-11-21T05:00:00.000Z')
    let mono = 0
    const trail = await newTrail(kind, { clocks: { wall: () => wall, mono: () => mono } })
    for (const ms of count(6)) {
      await trail.recordAll(count(ms === 3 ? 0 : 5).map(n => ({ action: 'a', data: { n: ms * 10 + n } })))
      wall++
      mono++
    }
    const at = (ms: number): Date => new Date(Date.parse('2026-11-21T05:00:00.000Z') + ms)
    const events = await all(trail.events())
    const read = async (options: EventsOptions): Promise<unknown[]> =>
      numbers(await all(trail.events('', options)))
    const expected = (from: number, to: number): number[] =>
      numbers(events).filter(n => (n as number) >= from * 10 && (n as number) < to * 10) as number[]
    for (const [from, to] of [
      [0, 6],
      [1, 2],
      [2, 3],
      [2, 4],
      [3, 4],
      [3, 5],
      [5, 9],
    ] as const) {
      expect(await read({ seek: at(from), seekEnd: at(to) })).toEqual(expected(from, to))
      expect(await read({ seek: at(from), seekEnd: at(to), order: 'desc' })).toEqual(
        expected(from, to).reverse(),
      )
    }
    const first = events.find(event => Date.parse(event.recordedAt) >= at(2).getTime())!
    const end = events.find(event => Date.parse(event.recordedAt) >= at(4).getTime())!
    const seeks: Seek[][] = [
      [first.id, first.index, at(2)],
      [end.id, end.index, at(4)],
    ]
    for (const seek of seeks[0]!)
      for (const seekEnd of seeks[1]!)
        expect(await read({ seek, seekEnd }), `${seek}..${seekEnd}`).toEqual(expected(2, 4))
    expect(await read({ seek: end.id, seekEnd: first.id })).toEqual([])
    expect(await read({ seek: first.id, seekEnd: first.id, order: 'desc' })).toEqual([])
    expect(await read({ seek: new Date(8.64e15) })).toEqual([])
    expect(await read({ seek: new Date(0) })).toEqual(numbers(events))
  })
})

describe.each(STORES)('topics and bounds on the %s store', kind => {
  const ACTIONS = ['a', 'a.b', 'a.b.c', 'a.bc', 'ab', 'b', 'b.c', 'a.b.c.d', 'A.b']
  const trail = sharedTrail(kind, async one => {
    for (const n of count(200)) {
      const topics = n % 17 === 0 ? { topics: ['extra.b', 'a.b'] } : {}
      await one.record(ACTIONS[(n * 7) % ACTIONS.length]!, { data: { n }, ...topics })
    }
  })
  const below = (topic: string, event: AuditEvent): boolean =>
    [event.action, ...(event.topics ?? [])].some(path => path === topic || path.startsWith(`${topic}.`))

  it('P13 P27: a topic holds its children and no neighbours; every event has its id, action and position', async () => {
    const everything = await all(trail().events())
    for (const topic of ['a', 'a.b', 'a.b.c', 'a.bc', 'ab', 'b', 'extra', 'extra.b']) {
      const held = await all(trail().events(`topic:${topic}`))
      expect(held, topic).toEqual(everything.filter(event => below(topic.toLowerCase(), lower(event))))
    }
    expect(await all(trail().events('topic:a.b.x'))).toEqual([])
    expect(everything).toHaveLength(200)
    for (const event of everything)
      expect(event).toMatchObject({
        id: expect.any(String),
        index: expect.any(Number),
        action: expect.any(String),
      })
  })

  it('P24 P25 P28: any union of topics is the sorted set union, both ways, and limit is of the whole', async () => {
    const everything = await all(trail().events())
    const topic = fc.constantFrom('a', 'a.b', 'a.b.c', 'a.bc', 'ab', 'b', 'b.c', 'extra', 'none')
    await fc.assert(
      fc.asyncProperty(
        fc.array(topic, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.option(fc.nat(30), { nil: undefined }),
        async (topics, order, limit) => {
          const union = everything.filter(event => topics.some(one => below(one, lower(event))))
          if (order === 'desc') union.reverse()
          const query = topics.map(one => `topic:${one}`).join(' OR ')
          expect(await all(trail().events(query, { order, limit }))).toEqual(union.slice(0, limit))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('P12 P15: bounds keep their meaning in both orders, any limit', async () => {
    const everything = await all(trail().events('', { includeLog: true }))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(220),
        fc.nat(220),
        fc.boolean(),
        fc.option(fc.nat(250), { nil: undefined }),
        async (seek, seekEnd, desc, limit) => {
          const range = everything.slice(seek, Math.max(seek, seekEnd))
          if (desc) range.reverse()
          const options: EventsOptions = {
            seek,
            seekEnd,
            limit,
            order: desc ? 'desc' : 'asc',
            includeLog: true,
          }
          expect((await all(trail().events('', options))).map(event => event.index)).toEqual(
            range.slice(0, limit).map(event => event.index),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('P15: a malformed or unknown seek and a limit that is none are errors, not "no bound"', async () => {
    const bad: [EventsOptions, string][] = [
      [{ seek: 'zz' }, 'ANNALS_INVALID'],
      [{ seek: '' }, 'ANNALS_INVALID'],
      [{ seekEnd: -1 }, 'ANNALS_INVALID'],
      [{ seek: 1.5 }, 'ANNALS_INVALID'],
      [{ seek: Number.NaN }, 'ANNALS_INVALID'],
      [{ seek: new Date(Number.NaN) }, 'ANNALS_INVALID'],
      [{ seek: null as never }, 'ANNALS_INVALID'],
      [{ seek: {} as never }, 'ANNALS_INVALID'],
      [{ seek: '019aa56f-9000-7000-8000-000000000001' }, 'ANNALS_NOT_FOUND'],
    ]
    for (const [options, code] of bad) {
      await expect(all(trail().events('', options)), JSON.stringify(options)).rejects.toMatchObject({ code })
      await expect(trail().find('', options)).rejects.toMatchObject({ code })
    }
    for (const limit of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => trail().events('', { limit })).toThrow(expect.objectContaining({ code: 'ANNALS_INVALID' }))
      await expect(trail().find('', { limit })).rejects.toMatchObject({
        code: 'ANNALS_INVALID',
        path: '/limit',
      })
    }
    expect(() => trail().events('((')).toThrow(expect.objectContaining({ code: 'ANNALS_QUERY' }))
  })

  it('P18 P19: names of built-ins and separators in a topic match nothing that was not recorded', async () => {
    for (const query of ['topic:constructor', 'topic:__proto__', 'topic:toString'])
      expect(await all(trail().events(query))).toEqual([])
    await expect(trail().record('a/b')).rejects.toMatchObject({ path: '/action' })
    await expect(trail().record('x', { topics: ['a..b'] })).rejects.toMatchObject({ path: '/topics/0' })
  })

  it('P16: pages by position over a log that grows give each event once', async () => {
    const seen: number[] = []
    let seek = 0
    for (;;) {
      const page = await all(trail().events('', { seek, limit: 23, seekEnd: 190 }))
      if (page.length === 0) break
      seen.push(...page.map(event => event.index))
      seek = page.at(-1)!.index + 1
    }
    const held = await all(trail().events('', { seekEnd: 190 }))
    expect(seen).toEqual(held.map(event => event.index))
  })
})

describe('a reader beside the writer', () => {
  it('P20 P22 T44: follows live, is not held up by other questions, and ends at once', async () => {
    const dir = temporaryDirectory()
    const trail = await openTrail({ dir })
    await trail.record('a', { data: { n: 0 } })
    const reader = await openReader({ dir })
    const asking = (async () => {
      for (const _ of count(40)) {
        expect(reader.size).toBeGreaterThan(0)
        await delay(5)
      }
    })()
    const reading = all(reader.events('action:a', { follow: true, limit: 4 }))
    for (const n of [1, 2, 3]) {
      await delay(30)
      await trail.record('a', { data: { n } })
    }
    expect(numbers(await reading)).toEqual([0, 1, 2, 3])
    await asking
    const live = reader.events('', { follow: true, seek: reader.size })[Symbol.asyncIterator]()
    const waiting = live.next()
    await delay(10)
    await reader.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await trail.close()
  })
})

/** Topics are compared without regard to case. */
function lower(event: AuditEvent): AuditEvent {
  return { ...event, action: event.action.toLowerCase(), topics: event.topics ?? [] }
}
