import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../model/index.ts'
import { FEED_BUFFER, Feed } from './feed.ts'

const events = (from: number, to: number): AuditEvent[] =>
  Array.from({ length: to - from }, (_, i) => ({ index: from + i, action: 'a' }) as AuditEvent)

describe('Feed', () => {
  it('hands each listener the events that match, once, and how far it has looked', () => {
    const feed = new Feed(3)
    const tap = feed.tap(
      event => event.index % 2 === 0,
      () => {},
    )
    expect(tap.take()).toBeUndefined()
    feed.grew(6, () => events(3, 6))
    feed.grew(8, () => events(6, 8))
    expect(tap.take()).toEqual({
      events: [expect.objectContaining({ index: 4 }), expect.objectContaining({ index: 6 })],
      through: 8,
    })
    expect(tap.take()).toBeUndefined()
    expect(feed.size()).toBe(8)
  })

  it('P23: wakes once between two takes, and not for what does not match', () => {
    const feed = new Feed(0)
    let woken = 0
    const tap = feed.tap(
      event => event.index >= 5,
      () => woken++,
    )
    feed.grew(5, () => events(0, 5))
    expect(woken).toBe(0)
    feed.grew(6, () => events(5, 6))
    feed.grew(9, () => events(6, 9))
    expect(woken).toBe(1)
    tap.take()
    feed.grew(10, () => events(9, 10))
    expect(woken).toBe(2)
  })

  it('P23: a slow consumer holds at most the buffer; beyond it it is told to look for itself', () => {
    const feed = new Feed(0)
    const tap = feed.tap(
      () => true,
      () => {},
    )
    feed.grew(FEED_BUFFER, () => events(0, FEED_BUFFER))
    feed.grew(FEED_BUFFER + 1, () => events(FEED_BUFFER, FEED_BUFFER + 1))
    for (let at = FEED_BUFFER + 1; at < 100_000; at += 1_000)
      feed.grew(at + 1_000, () => events(at, at + 1_000))
    expect(tap.take()).toEqual({ events: undefined, through: feed.size() })
    expect(tap.take()).toBeUndefined()
    feed.grew(feed.size() + 1, () => events(feed.size() - 1, feed.size()))
    expect(tap.take()).toMatchObject({ events: [{}] })
  })

  it('makes no events when nobody listens, and forgets who closed', () => {
    const feed = new Feed(0)
    const tap = feed.tap(
      () => true,
      () => expect.fail('closed'),
    )
    expect(feed.listeners).toBe(1)
    tap.close()
    tap.close()
    expect(feed.listeners).toBe(0)
    feed.grew(1, () => expect.fail('nobody listens'))
  })
})
