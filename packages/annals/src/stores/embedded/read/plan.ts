import { type Catalog, searchedSentence, sentenceWords } from '../../../catalog/index.ts'
import { type CompiledSearch, compileSearch } from '../../../query/index.ts'
import type { Search } from '../../../query/search-index.ts'
import { ftsExpression } from '../index/fts-expression.ts'

/** How one search is answered. */
export interface Plan extends Omit<CompiledSearch, 'candidates'> {
  readonly search: Search
  /** What to ask the inverted index for: a superset of the matches. */
  readonly candidates: ReturnType<typeof ftsExpression>
}

const KEPT = 64
const plans = new Map<string, Plan>()

/** The plan of a search; recent ones are kept, since pages and live readers ask again and again. */
export function planOf(search: Search, catalog: Catalog | undefined): Plan {
  const { query, now, timeZone, me = null, includeLog, scope = null } = search
  const name = JSON.stringify([query, now, timeZone, me, includeLog, scope])
  const known = catalog === lastCatalog ? plans.get(name) : undefined
  if (catalog !== lastCatalog) plans.clear()
  lastCatalog = catalog
  if (known !== undefined) return { ...known, search }
  const compiled = compileSearch(search, {
    sentence: event => searchedSentence(event, catalog),
    wordActions: word => sentenceWords(catalog ?? { types: [] }, word),
  })
  const plan: Plan = { ...compiled, search, candidates: ftsExpression(compiled.candidates) }
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
