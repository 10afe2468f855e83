import { type Catalog, searchedSentence, sentenceWords } from '../../../catalog/index.ts'
import type { AuditEvent } from '../../../model/index.ts'
import {
  candidateTerms,
  matcher,
  parseQuery,
  type ResolvedBounds,
  resolvedBounds,
  resolveQuery,
} from '../../../query/index.ts'
import type { Search } from '../../../query/search-index.ts'
import { ftsExpression } from '../index/fts-expression.ts'

/** How one search is answered. */
export interface Plan {
  readonly search: Search
  readonly matches: (event: AuditEvent) => boolean
  /** What to ask the inverted index for: a superset of the matches. */
  readonly candidates: ReturnType<typeof ftsExpression>
  readonly bounds: ResolvedBounds
  /** The query excludes nothing but, maybe, the log's own events. */
  readonly everything: boolean
}

const KEPT = 64
const plans = new Map<string, Plan>()

/** The plan of a search; recent ones are kept, since pages and live readers ask again and again. */
export function planOf(search: Search, catalog: Catalog | undefined): Plan {
  const name = JSON.stringify([
    search.query,
    search.now,
    search.timeZone,
    search.me ?? null,
    search.includeLog,
  ])
  const known = catalog === lastCatalog ? plans.get(name) : undefined
  if (catalog !== lastCatalog) plans.clear()
  lastCatalog = catalog
  if (known !== undefined) return { ...known, search }
  const resolved = resolveQuery(parseQuery(search.query), {
    now: search.now,
    timeZone: search.timeZone,
    ...(search.me === undefined ? {} : { me: search.me }),
  })
  const plan: Plan = {
    search,
    matches: matcher(resolved, {
      includeLog: search.includeLog,
      sentence: event => searchedSentence(event, catalog),
    }),
    candidates: ftsExpression(
      candidateTerms(resolved, { wordActions: word => sentenceWords(catalog ?? { types: [] }, word) }),
    ),
    bounds: resolvedBounds(resolved),
    everything: resolved.kind === 'all',
  }
  if (plans.size >= KEPT) plans.clear()
  plans.set(name, plan)
  return plan
}

let lastCatalog: Catalog | undefined

/** Forgets what was searched for. */
export function forgetPlans(): void {
  plans.clear()
  lastCatalog = undefined
}
