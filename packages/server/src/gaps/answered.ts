import type { AuditEvent, Found } from 'annals'
import {
  type Cursor,
  parseCursor,
  parseQuery,
  queryDigest,
  resolvedBounds,
  resolveQuery,
  type TimeRange,
} from 'annals/query'

/** What an answer is about. Ranges are half-open, their ends may be infinite. */
export interface Answered {
  /** When it can have happened and been recorded, ms since the epoch. */
  readonly range: TimeRange
  /** Where there are pages: the one that is answered. */
  readonly page?: {
    /** When its events happened and were recorded. */
    readonly times: TimeRange
    /** The positions that were looked at for it. */
    readonly positions: readonly [from: number, to: number]
  }
  /** Size of the log that the answer is a picture of. */
  readonly asOf: number
}

/** What relative and zone-less times of a query are read against. */
interface Clock {
  readonly now?: Date | undefined
  readonly timeZone?: string | undefined
}

/** What an answer to a query is about. */
export function answeredBy(query: string, asOf: number, clock: Clock = {}): Answered {
  return { range: rangeOf(query, clock), asOf }
}

/** What one page of events is about. */
export function answeredByPage(
  query: string,
  page: Pick<Found, 'events' | 'next' | 'previous' | 'asOf'>,
  clock: Clock = {},
): Answered {
  const digest = queryDigest(parseQuery(query))
  const read = (cursor: string | undefined): Cursor | undefined =>
    cursor === undefined ? undefined : parseCursor(cursor, { digest })
  const [next, previous] = [read(page.next), read(page.previous)]
  const [older, newer] = (next ?? previous)?.order === 'asc' ? [previous, next] : [next, previous]
  const times = page.events.flatMap(timesOf)
  return {
    ...answeredBy(query, page.asOf, clock),
    page: {
      times: [
        older === undefined ? Number.NEGATIVE_INFINITY : Math.min(...times),
        newer === undefined ? Number.POSITIVE_INFINITY : Math.max(...times) + 1,
      ],
      positions: [older?.index ?? 0, newer?.index ?? page.asOf],
    },
  }
}

/** What an answer about single events is about. */
export function answeredByEvents(events: readonly AuditEvent[], asOf: number): Answered {
  const times = events.flatMap(timesOf)
  return { range: [Math.min(...times), Math.max(...times) + 1], asOf }
}

/** Bounds of when what a query matches can have happened and been recorded, by what it says. */
function rangeOf(query: string, { now = new Date(), timeZone = 'UTC' }: Clock): TimeRange {
  // Who `me` is makes no difference to it.
  const me = { type: 'user', id: 'me' }
  const resolved = resolveQuery(parseQuery(query), { now: now.getTime(), timeZone, me })
  const { occurred, recorded } = resolvedBounds(resolved)
  return [Math.max(occurred[0], recorded[0]), Math.min(occurred[1], recorded[1])]
}

function timesOf({ occurredAt, recordedAt }: AuditEvent): readonly number[] {
  return [Date.parse(occurredAt), Date.parse(recordedAt)]
}
