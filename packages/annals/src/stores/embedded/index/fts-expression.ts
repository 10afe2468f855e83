import type { TermExpr } from '../../../query/index.ts'

/** Every punctuation character that may stand in a term; the tokenizer splits at anything else that is no letter or digit. */
const TOKEN_CHARACTERS = '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'

/** Declaration of the term table: contentless, positions and sizes left out, terms taken as they are. */
export const TERM_TABLE: string = `CREATE VIRTUAL TABLE term USING fts5(t, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '${TOKEN_CHARACTERS}'")`

/** An FTS5 query for an expression; `all` and `none` need no query. */
export function ftsExpression(
  expr: TermExpr,
): { readonly kind: 'all' | 'none' } | { readonly kind: 'match'; readonly text: string } {
  if (expr.kind === 'all' || expr.kind === 'none') return { kind: expr.kind }
  return { kind: 'match', text: format(expr) }
}

function format(expr: TermExpr): string {
  switch (expr.kind) {
    case 'term':
      return `"${expr.term}"`
    case 'prefix':
      return `"${expr.term}" *`
    case 'and':
      return `(${expr.of.map(format).join(' AND ')})`
    case 'or':
      return `(${expr.of.map(format).join(' OR ')})`
    case 'not':
      return `("*" NOT ${format(expr.of)})`
    case 'all':
      return '"*"'
    case 'none':
      return '("*" NOT "*")'
  }
}
