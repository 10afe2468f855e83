import { canonicalize } from '@annals/tlog'
import { sha256Base64Url } from '../log/digest.ts'
import type { Actor, AuditEvent, Draft } from '../model/index.ts'
import type { SearchIndex } from '../query/search-index.ts'

/** The actor of what nobody in particular asked for. */
export const LOG_ITSELF: Actor = Object.freeze({ type: 'system', id: 'annals' })

/** Entries read at a time. */
const PAGE = 1_000

/** A draft of one of the log's own entries. */
export function ownDraft(action: `log.${string}`, data: NonNullable<Draft['data']>): Draft {
  return {
    action,
    actor: LOG_ITSELF,
    retention: 'ledger',
    visibility: 'operator',
    data,
  }
}

/**
 * The same under an id made of the request and the content. A request that is performed again after a crash may find less to do than
 * the first time: whatever it records again has the id of then.
 */
export function namedDraft(
  request: string,
  action: `log.${string}`,
  data: NonNullable<Draft['data']>,
): Draft {
  const id = `${request}/${sha256Base64Url(Buffer.from(canonicalize(data)))}`
  return { ...ownDraft(action, data), id }
}

/** The entries of one of the log's own actions, in the order of their positions or the reverse. */
export async function* ownEntries(
  search: SearchIndex,
  action: `log.${string}`,
  order: 'asc' | 'desc' = 'asc',
): AsyncIterable<AuditEvent> {
  let [from, to, patient] = [0, Number.MAX_SAFE_INTEGER, false]
  for (;;) {
    const asked = { query: `action:${action}`, now: 0, timeZone: 'UTC', includeLog: true, from, to, patient }
    const { events, rest } = await search.find(asked, order, PAGE)
    yield* events
    if (rest === undefined) return
    if (order === 'asc') from = rest
    else to = rest
    patient = true
  }
}
