import type { AuditEvent } from '../model/index.ts'
import type { Search, SearchIndex } from '../query/index.ts'
import type { Order } from './trail.ts'

/** Which page. */
export interface WantedPage {
  readonly order: Order
  readonly limit: number
  /** Place between two positions where it begins, or ends when `back`. @defaultValue where the range begins in this order */
  readonly place?: number | undefined
  readonly back?: true | undefined
  /** Aborts between two slices, with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** A page and the places at its ends; absent where nothing of the range lies beyond. */
export interface Page {
  readonly events: readonly AuditEvent[]
  readonly previous: number | undefined
  readonly next: number | undefined
}

/** Reads one page of a search, slice by slice, so that other questions are answered between. */
export async function findPage(
  index: Pick<SearchIndex, 'find'>,
  search: Search,
  { order, limit, place, back, signal }: WantedPage,
): Promise<Page> {
  const walk: Order = back === true ? (order === 'asc' ? 'desc' : 'asc') : order
  const isUp = walk === 'asc'
  const high = Math.max(search.from, search.to)
  const begin = Math.min(high, Math.max(search.from, place ?? (isUp ? search.from : high)))
  const behind = (isUp ? begin > search.from : begin < high) ? begin : undefined
  const events: AuditEvent[] = []
  let rest: number | undefined = begin
  for (let patient = false; limit > 0 && events.length < limit; patient = true) {
    signal?.throwIfAborted()
    const [from, to]: [number, number] = isUp ? [rest, high] : [search.from, rest]
    const found = await index.find({ ...search, from, to, patient }, walk, limit - events.length)
    events.push(...found.events)
    rest = found.rest
    if (rest === undefined) break
  }
  const ahead = limit === 0 ? undefined : rest
  return back === true
    ? { events: events.reverse(), previous: ahead, next: behind }
    : { events, previous: behind, next: ahead }
}
