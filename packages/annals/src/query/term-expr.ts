/** What an inverted index is asked: terms and beginnings of terms, joined. */
export type TermExpr =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'term'; readonly term: string }
  | { readonly kind: 'prefix'; readonly term: string }
  | { readonly kind: 'and'; readonly of: readonly TermExpr[] }
  | { readonly kind: 'or'; readonly of: readonly TermExpr[] }
  | { readonly kind: 'not'; readonly of: TermExpr }

/**
 * Whether an event with these terms meets an expression: what an index computes.
 *
 * @example
 * ```ts
 * satisfies({ kind: 'prefix', term: 'u:al' }, ['*', 'u:alice']) // true
 * ```
 */
export function satisfies(expr: TermExpr, terms: readonly string[]): boolean {
  switch (expr.kind) {
    case 'all':
      return true
    case 'none':
      return false
    case 'term':
      return terms.includes(expr.term)
    case 'prefix':
      return terms.some(term => term.startsWith(expr.term))
    case 'and':
      return expr.of.every(member => satisfies(member, terms))
    case 'or':
      return expr.of.some(member => satisfies(member, terms))
    case 'not':
      return !satisfies(expr.of, terms)
  }
}

/** An expression, and whether it holds exactly the matches or more than them. */
export interface Candidates {
  readonly expr: TermExpr
  readonly exact: boolean
}

/** Every event, and nothing is known. */
export const ANY: Candidates = { expr: { kind: 'all' }, exact: false }

/** Candidates that meet all. */
export function candidatesAnd(of: readonly Candidates[]): Candidates {
  const exact = of.every(member => member.exact)
  const parts = of.map(member => member.expr).filter(expr => expr.kind !== 'all')
  if (parts.some(expr => expr.kind === 'none')) return { expr: { kind: 'none' }, exact: true }
  const [first, second] = parts
  if (!first) return { expr: { kind: 'all' }, exact }
  return { expr: second ? { kind: 'and', of: parts } : first, exact }
}

/** Candidates that meet any. */
export function candidatesOr(of: readonly Candidates[]): Candidates {
  const exact = of.every(member => member.exact)
  const parts = of.map(member => member.expr).filter(expr => expr.kind !== 'none')
  const [first, second] = parts
  if (!first) return { expr: { kind: 'none' }, exact }
  if (parts.some(expr => expr.kind === 'all')) return { expr: { kind: 'all' }, exact }
  return { expr: second ? { kind: 'or', of: parts } : first, exact }
}

/** Candidates that do not meet one; of a superset the complement is no superset, so then anything may. */
export function candidatesNot({ expr, exact }: Candidates): Candidates {
  if (!exact) return ANY
  switch (expr.kind) {
    case 'all':
      return { expr: { kind: 'none' }, exact }
    case 'none':
      return { expr: { kind: 'all' }, exact }
    case 'not':
      return { expr: expr.of, exact }
    case 'term':
    case 'prefix':
    case 'and':
    case 'or':
      return { expr: { kind: 'not', of: expr }, exact }
  }
}
