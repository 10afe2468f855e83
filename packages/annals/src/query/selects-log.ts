import { LOG_ROOT } from '../model/index.ts'
import { meetsActionPattern } from './action-pattern.ts'
import { fold } from './fold.ts'
import type { Resolved, ResolvedFilter, Test } from './resolved.ts'

/**
 * Whether a query selects the log's own events (`log.*`), which are hidden otherwise: it has a positive `id:` or
 * `index:` term, or a positive `action:` or `topic:` term that log events can meet.
 *
 * @example
 * ```ts
 * selectsLog(resolveQuery(parseQuery('action:log.* OR outcome:failure'), { now: 0 })) // true
 * ```
 */
export function selectsLog(query: Resolved): boolean {
  return selects(query, true)
}

function selects(query: Resolved, isPositive: boolean): boolean {
  switch (query.kind) {
    case 'all':
    case 'words':
      return false
    case 'and':
    case 'or':
      return query.of.some(member => selects(member, isPositive))
    case 'not':
      return selects(query.of, !isPositive)
    case 'filter':
      return isPositive && filterSelects(query)
  }
}

function filterSelects({ field, tests }: ResolvedFilter): boolean {
  if (field === 'id' || field === 'index') return true
  return (field === 'action' || field === 'topic') && tests.some(canMeetLog)
}

function canMeetLog(test: Test): boolean {
  if (test.how === 'present') return true
  if (test.how === 'equals') return fold(test.text).split('.')[0] === LOG_ROOT
  if (test.how !== 'action') return false
  return meetsActionPattern(LOG_ROOT, { segments: test.segments.slice(0, 1), below: test.below })
}
