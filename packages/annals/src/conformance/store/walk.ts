import assert from 'node:assert/strict'
import type { AuditEvent } from '../../model/index.ts'
import type { Search, SearchIndex } from '../../query/index.ts'

/** How to walk the pages of a search. */
export interface Walk {
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Run between two pages. */
  readonly meanwhile?: (() => Promise<void>) | undefined
}

/** Walks the pages of a search to the end, and holds each to the contract. */
export async function walk(
  index: SearchIndex,
  search: Search,
  { order, limit, meanwhile }: Walk,
): Promise<AuditEvent[]> {
  const found: AuditEvent[] = []
  let { from, to } = search
  for (;;) {
    const { events, rest } = await index.find({ ...search, from, to }, order, limit)
    assert.ok(events.length <= limit, `a page of ${events.length} events, at most ${limit} were asked for`)
    found.push(...events)
    if (rest === undefined) return found
    const last = events.at(-1)?.index
    if (order === 'asc') {
      assert.ok(rest > from && rest <= to, `the page from ${from} to ${to} goes on at ${rest}`)
      assert.ok(last === undefined || last < rest, 'a page ends before its rest')
      from = rest
    } else {
      assert.ok(rest < to && rest >= from, `the page from ${from} to ${to} goes on below ${rest}`)
      assert.ok(last === undefined || last >= rest, 'a page ends before its rest')
      to = rest
    }
    await meanwhile?.()
  }
}
