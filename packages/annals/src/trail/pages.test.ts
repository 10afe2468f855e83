import { describe, expect, it } from 'vitest'
import { parseCursor, parseQuery, queryDigest } from '../query/index.ts'
import { sampleDrafts } from '../testing/index.ts'
import { all, STORES, sharedTrail } from './trail.test-support.ts'
import type { FindOptions, Order, TrailReader } from './trail.ts'

const QUERY = '-outcome:denied'
const ORDERS: readonly Order[] = ['asc', 'desc']

describe.each(STORES)('pages in both directions on the %s store', kind => {
  const trail = sharedTrail(kind, async one => {
    await one.recordAll([...sampleDrafts({ count: 230, seed: 6 })])
  })
  const matches = async (order: Order): Promise<number[]> =>
    (await all(trail().events(QUERY, { order }))).map(event => event.index)

  it('T32 P16: going back over the pages gives the same pages, from any page, to the beginning', async () => {
    for (const order of ORDERS) {
      const expected = await matches(order)
      for (const limit of [1, 7, 50, expected.length]) {
        const { pages, last } = await walk(trail(), { order, limit })
        expect(pages.flat(), `${order} by ${limit}`).toEqual(expected)
        const back: number[][] = []
        for (let cursor = last; cursor !== undefined; ) {
          const page = await trail().find(QUERY, { cursor, limit })
          if (page.events.length > 0) back.unshift(page.events.map(event => event.index))
          expect(page.next).toBeDefined()
          cursor = page.previous
        }
        expect(back.flat(), `back ${order} by ${limit}`).toEqual(pages.slice(0, -1).flat())
      }
    }
  })

  it('the first page has nothing before it, and a page of the middle both', async () => {
    for (const order of ORDERS) {
      const first = await trail().find(QUERY, { order, limit: 5 })
      expect(first.previous).toBeUndefined()
      const second = await trail().find(QUERY, { order, limit: 5, cursor: first.next })
      expect(second.previous).toBeDefined()
      const again = await trail().find(QUERY, { order, limit: 5, cursor: second.previous })
      expect(again.events).toEqual(first.events)
      const third = await trail().find(QUERY, { order, limit: 5, cursor: again.next })
      expect(third.events).toEqual(second.events)
    }
  })

  it('T33: a cursor that leads back is bound to its query and order like any other', async () => {
    const first = await trail().find(QUERY, { limit: 5 })
    const { previous } = await trail().find(QUERY, { limit: 5, cursor: first.next })
    const refused = { code: 'ANNALS_CURSOR' }
    await expect(trail().find('outcome:denied', { cursor: previous })).rejects.toMatchObject(refused)
    await expect(trail().find(QUERY, { cursor: previous, order: 'asc' })).rejects.toMatchObject(refused)
    const json = Buffer.from(previous as string, 'base64url').toString()
    const turned = Buffer.from(json.replace('"back":true,', '')).toString('base64url')
    await expect(trail().find(QUERY, { cursor: turned })).rejects.toMatchObject(refused)
  })

  it('begins at a position, an id or a time, and goes on in both directions', async () => {
    const events = await all(trail().events(QUERY))
    const middle = events[Math.floor(events.length / 2)]
    if (middle === undefined) throw new Error('too few events')
    for (const order of ORDERS) {
      const expected = await matches(order)
      for (const at of [middle.index, middle.id]) {
        const { pages, first } = await walk(trail(), { order, limit: 20, at })
        expect(pages[0]?.[0]).toBe(middle.index)
        const before = await walkBack(trail(), first, 20)
        expect([...before, ...pages.flat()]).toEqual(expected)
      }
      // A time means when it occurred; which is not always the order in which it was recorded.
      const time = new Date(middle.occurredAt)
      const page = await trail().find(QUERY, { order, at: time, limit: 1 })
      const isBeyond = (at: string): boolean =>
        order === 'asc' ? at >= middle.occurredAt : at <= middle.occurredAt
      const inOrder = order === 'asc' ? events : [...events].reverse()
      expect(page.events).toEqual([inOrder.find(({ occurredAt }) => isBeyond(occurredAt))])
    }
  })

  it('begins beyond the last match with an empty page that leads back', async () => {
    const { asOf } = await trail().find(QUERY, { limit: 0 })
    const cases: FindOptions[] = [
      { order: 'asc', at: new Date('2090-01-01') },
      { order: 'desc', at: new Date('1990-01-01') },
      { order: 'asc', at: asOf + 5 },
    ]
    for (const options of cases) {
      const page = await trail().find(QUERY, options)
      expect(page.events).toEqual([])
      expect(page.next).toBeUndefined()
      const { order } = options
      const back = await trail().find(QUERY, { order, cursor: page.previous, limit: 1_000 })
      expect(back.events).toHaveLength((await matches('asc')).length)
    }
    await expect(trail().find(QUERY, { at: '019aa56f-9000-7000-8000-000000000001' })).rejects.toMatchObject({
      code: 'ANNALS_NOT_FOUND',
    })
    const { next } = await trail().find(QUERY, { limit: 1 })
    await expect(trail().find(QUERY, { at: 3, cursor: next })).rejects.toMatchObject({ path: '/at' })
    await expect(trail().find(QUERY, { at: new Date(Number.NaN) })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
    })
  })

  it('shows the log as it was at a size and a moment, whatever was recorded since', async () => {
    const before = await trail().find('after:now-10000d', { limit: 1_000 })
    const now = new Date(Date.parse(before.events[10]?.occurredAt as string) + 3_600_000)
    const query = 'after:now-1h'
    const pinned = await trail().find(query, { asOf: before.asOf, now, limit: 1_000 })
    expect(pinned.events).toContainEqual(before.events[10])
    await trail().record('later', { occurredAt: now.toISOString() })
    expect(await trail().find(query, { asOf: before.asOf, now, limit: 1_000 })).toEqual(pinned)
    const replayed = await all(trail().events(query, { asOf: before.asOf, now, order: 'desc' }))
    expect(replayed).toEqual(pinned.events)
    const counted = await trail().count(query, [], { asOf: before.asOf, now })
    expect(counted).toMatchObject({ total: pinned.events.length, asOf: before.asOf })
    for (const asOf of [-1, 0.5, trail().size + 1])
      await expect(trail().find('', { asOf })).rejects.toMatchObject({ path: '/asOf' })
  })

  it('a search whose asker has gone ends', async () => {
    const reason = new Error('gone')
    const signal = AbortSignal.abort(reason)
    await expect(trail().find(QUERY, { signal })).rejects.toBe(reason)
    await expect(trail().count(QUERY, [], { signal })).rejects.toBe(reason)
  })
})

interface Walked {
  readonly pages: readonly (readonly number[])[]
  /** Cursor to what lies before the first page. */
  readonly first: string | undefined
  /** Cursor from the last page back. */
  readonly last: string | undefined
}

async function walk(trail: TrailReader, options: FindOptions): Promise<Walked> {
  const pages: number[][] = []
  let page = await trail.find(QUERY, options)
  const first = page.previous
  for (;;) {
    pages.push(page.events.map(event => event.index))
    if (page.next === undefined) return { pages, first, last: page.previous }
    expect(parseCursor(page.next, { digest: queryDigest(parseQuery(QUERY)) }).asOf).toBe(page.asOf)
    page = await trail.find(QUERY, { limit: options.limit, cursor: page.next })
  }
}

async function walkBack(trail: TrailReader, from: string | undefined, limit: number): Promise<number[]> {
  const found: number[] = []
  for (let cursor = from; cursor !== undefined; ) {
    const page = await trail.find(QUERY, { cursor, limit })
    found.unshift(...page.events.map(event => event.index))
    cursor = page.previous
  }
  return found
}
