import type { Range } from '../log/log-store.ts'
import type { AuditEvent } from '../model/index.ts'
import type { SearchIndex } from '../query/index.ts'

const PAGE = 1_000

/** All events that a query finds between two positions, the log's own among them, oldest first, page by page. */
export async function* foundEvents(
  index: SearchIndex,
  query: string,
  [from, to]: Range,
  now = 0,
): AsyncGenerator<readonly AuditEvent[], void, undefined> {
  const search = { query, now, timeZone: 'UTC', includeLog: true, to }
  for (let at: number | undefined = from; at !== undefined; ) {
    const page = await index.find({ ...search, from: at, patient: at > from }, 'asc', PAGE)
    if (page.events.length > 0) yield page.events
    at = page.rest
  }
}
