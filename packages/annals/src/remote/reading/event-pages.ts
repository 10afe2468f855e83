import type { AuditEvent } from '../../model/index.ts'
import type { Found } from '../../trail/trail.ts'

/** Events of one page. */
export const PAGE = 1_000

/** Replays stored events page by page; all pages are of the log as it was at the first. */
export async function* eventPages(
  find: (page: { readonly limit: number; readonly cursor: string | undefined }) => Promise<Found>,
  limit: number,
): AsyncGenerator<readonly AuditEvent[], void, undefined> {
  let left = limit
  let cursor: string | undefined
  while (left > 0) {
    const { events, next } = await find({ limit: Math.min(PAGE, left), cursor })
    if (events.length > 0) yield events
    left -= events.length
    if (next === undefined) return
    cursor = next
  }
}
