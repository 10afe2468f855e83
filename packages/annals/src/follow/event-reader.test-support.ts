import type { AuditEvent } from '../model/index.ts'
import type { Matches, Search, SearchIndex } from '../query/index.ts'
import { EventReader, type Reading } from './event-reader.ts'
import { Feed } from './feed.ts'

/**
 * A log of bare events in an array; the reader's other side.
 *
 * @param found the events that a search finds
 */
export function world(
  stored: number,
  found: (event: AuditEvent) => boolean = () => true,
): {
  feed: Feed
  grow(count?: number): void
  /** Content was erased: what was read ahead is read again. */
  erase(): void
  finds: Search[]
  read(reading?: Partial<Reading> & { from?: number; to?: number }): EventReader
  open: Set<EventReader>
} {
  const log: AuditEvent[] = []
  let erasures = 0
  const feed = new Feed(stored, () => erasures)
  const finds: Search[] = []
  const open = new Set<EventReader>()
  const add = (count: number): AuditEvent[] => {
    const fresh = Array.from(
      { length: count },
      (_, i) => ({ index: log.length + i, action: 'a', recordedAt: new Date().toISOString() }) as AuditEvent,
    )
    log.push(...fresh)
    return fresh
  }
  add(stored)
  const index = {
    async find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches> {
      finds.push(search)
      await Promise.resolve()
      const range = log.slice(search.from, Math.min(search.to, log.length)).filter(found)
      if (order === 'desc') range.reverse()
      const events = range.slice(0, limit)
      const last = events.at(-1)?.index ?? 0
      const left = events.length < range.length
      return { events, rest: left ? (order === 'asc' ? last + 1 : last) : undefined, scanned: events.length }
    },
  } as Pick<SearchIndex, 'find'> as SearchIndex
  return {
    feed,
    finds,
    open,
    erase: () => void erasures++,
    grow(count = 1) {
      const fresh = add(count)
      feed.grew(log.length, () => fresh)
    },
    read({ from = 0, to = Number.MAX_SAFE_INTEGER, ...reading } = {}) {
      const reader: EventReader = new EventReader(
        {
          search: { query: '', now: 0, timeZone: 'UTC', includeLog: true, from, to },
          order: 'asc',
          limit: Number.POSITIVE_INFINITY,
          follow: false,
          matches: found,
          ...reading,
        },
        { index, live: feed, present: event => event },
        ended => open.delete(ended),
      )
      if (!reader.ended) open.add(reader)
      return reader
    },
  }
}
