import type { AuditEvent } from '../model/index.ts'
import { type ResolvedBounds, resolvedBounds } from './bounds.ts'
import { type CandidateOptions, candidateTerms } from './candidate-terms.ts'
import { fieldNamed } from './find-field.ts'
import { hide, noteHidden } from './hide.ts'
import { type MatcherOptions, matcher } from './matcher.ts'
import { parseQuery } from './parse.ts'
import type { QueryContext } from './query-context.ts'
import { resolveQuery } from './resolve.ts'
import type { Resolved } from './resolved.ts'
import { FULL_SCOPE, levelOf, type Mask, type Scope, scopeQuery, scopesOf } from './scope.ts'
import type { Search } from './search-index.ts'
import type { TermExpr } from './term-expr.ts'
import { touchedBy } from './touched.ts'

/** The part of an event that only operators may see. */
const INTERNAL = 'internal'

/** What a search is compiled with, besides itself. */
export interface CompileOptions extends Pick<MatcherOptions, 'sentence'>, CandidateOptions {
  /** Pointers of the fields that an event type keeps in its part `internal`, where events come with that part. */
  readonly internal?: ((action: string) => readonly string[]) | undefined
}

/** A search as every store answers it: one place decides what a reader sees. */
export interface CompiledSearch {
  /** Whether the reader may see the event, and it meets the query as the reader sees it. */
  readonly matches: (event: AuditEvent) => boolean
  /** The event as the reader sees it; the same object when nothing is hidden. Again, it changes nothing. */
  readonly show: (event: AuditEvent) => AuditEvent
  /** What to ask an inverted index for: a superset of the matches. */
  readonly candidates: TermExpr
  /** Where the matches lie. */
  readonly bounds: ResolvedBounds
  /** Nothing is excluded but what occurred outside of the bounds and, maybe, the log's own events. */
  readonly onlyTime: boolean
  /** Parts that must not be read for this reader. */
  readonly withoutParts: readonly string[]
}

/**
 * Compiles a search with its scope: an event is shown when the scope's filter and level admit it as it is, and the reader's
 * query matches what is left of it once the scope's masks have taken their fields out.
 *
 * @throws AnnalsError ANNALS_QUERY
 */
export function compileSearch(search: Search, options: CompileOptions = {}): CompiledSearch {
  const scope = search.scope ?? FULL_SCOPE
  const { now, timeZone } = search
  const context: QueryContext = { now, timeZone, me: scope.me ?? search.me }
  const asked = resolveQuery(parseQuery(search.query), context)
  const limits = scopesOf(scope)
    .map(one => ({ scope: one, context: one === scope ? context : { now, timeZone, me: one.me } }))
    .filter(limit => !isFullScope(limit.scope))
  const isFull = limits.length === 0
  const allowed = allOf(limits.map(limit => resolveQuery(scopeQuery(limit.scope), limit.context)))
  const isOperator = levelOf(scope) === 'operator'
  const asksFor = matcher(asked, {
    includeLog: search.includeLog && isOperator,
    sentence: options.sentence,
  })
  const admits = matcher(allowed, { includeLog: isOperator })
  const hides = hiding(limits, isOperator ? undefined : options.internal)
  const both: Resolved = isFull ? asked : { kind: 'and', of: [allowed, asked] }
  return {
    matches: isFull
      ? asksFor
      : event => admits(event) && asksFor(hides === undefined ? event : hides(event).event),
    show:
      hides === undefined
        ? event => event
        : event => {
            const { event: rest, paths } = hides(event)
            return noteHidden(rest, paths)
          },
    candidates: candidatesOf(allowed, asked, scope, options),
    bounds: resolvedBounds(both),
    onlyTime: isFull && asksTimeOnly(asked),
    withoutParts: isOperator ? [] : [INTERNAL],
  }
}

/** Whether a query holds exactly within its bounds of occurredAt. */
function asksTimeOnly(query: Resolved): boolean {
  if (query.kind === 'and') return query.of.every(asksTimeOnly)
  if (query.kind !== 'filter') return query.kind === 'all'
  const field = fieldNamed(query.field)
  return field.kind === 'time' && field.time === 'occurred' && query.tests.length === 1
}

/** A scope and what its words mean. */
interface Limit {
  readonly scope: Scope
  readonly context: QueryContext
}

function isFullScope({ filter, level, masks }: Scope): boolean {
  return filter === '' && level === 'operator' && masks.length === 0
}

function allOf(queries: readonly Resolved[]): Resolved {
  const [first, second] = queries
  if (first === undefined) return { kind: 'all' }
  return second === undefined ? first : { kind: 'and', of: queries }
}

/** Takes out of an event what the scopes hide in it; undefined when they hide nothing. */
function hiding(
  limits: readonly Limit[],
  internal: ((action: string) => readonly string[]) | undefined,
): ((event: AuditEvent) => ReturnType<typeof hide>) | undefined {
  const rules = limits.flatMap(({ scope, context }) =>
    scope.masks.map(mask => ({ paths: mask.paths, spares: spares(mask, context) })),
  )
  if (rules.length === 0 && internal === undefined) return undefined
  return event => {
    const paths = rules.flatMap(rule => (rule.spares(event) ? [] : rule.paths))
    const kept = internal?.(event.action) ?? []
    // That there is something internal is not told either.
    const outer = kept.length === 0 ? event : hide(event, kept).event
    return hide(outer, paths)
  }
}

function spares({ unless }: Mask, context: QueryContext): (event: AuditEvent) => boolean {
  if (unless === undefined) return () => false
  return matcher(resolveQuery(parseQuery(unless), context), { includeLog: true })
}

/** Terms tell of events as they are stored: where a mask may change the answer, they cannot exclude. */
function candidatesOf(allowed: Resolved, asked: Resolved, scope: Scope, options: CompileOptions): TermExpr {
  const ofScope = candidateTerms(allowed)
  const ofQuery = candidateTerms(asked, { wordActions: options.wordActions, touched: touchedBy(scope) })
  if (ofScope.kind === 'all') return ofQuery
  if (ofQuery.kind === 'all') return ofScope
  if (ofScope.kind === 'none' || ofQuery.kind === 'none') return { kind: 'none' }
  return { kind: 'and', of: [ofScope, ofQuery] }
}
