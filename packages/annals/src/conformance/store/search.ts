import { type Describing, searchedSentence } from '../../catalog/index.ts'
import type { AuditEvent } from '../../model/index.ts'
import { matcher, parseQuery, resolveQuery, type Search } from '../../query/index.ts'

/** What `now` means in the suite's queries. */
export const NOW: number = Date.UTC(2026, 10, 21, 12, 3, 4)

/** A search with this query over the whole log, read as the user alice in Berlin. */
export function searchOf(query: string, more: Partial<Search> = {}): Search {
  return {
    query,
    now: NOW,
    timeZone: 'Europe/Berlin',
    me: { type: 'user', id: 'me' },
    includeLog: false,
    from: 0,
    to: 1_000_000,
    ...more,
  }
}

/** What a search must find, in ascending order: a linear filter with the reference evaluator. */
export function expectedOf(
  events: readonly AuditEvent[],
  search: Search,
  catalog?: Describing,
): readonly AuditEvent[] {
  const { query, now, timeZone, me, includeLog, from, to } = search
  const matches = matcher(resolveQuery(parseQuery(query), { now, timeZone, me }), {
    includeLog,
    sentence: event => searchedSentence(event, catalog),
  })
  return events.filter(event => event.index >= from && event.index < to && matches(event))
}
