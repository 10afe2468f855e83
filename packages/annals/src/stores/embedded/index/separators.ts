import type { DatabaseSync } from 'node:sqlite'

/** What FTS5 puts before the terms of its main index. */
const MAIN = '0'

/**
 * Whether FTS5 still parts its pages at a beginning of a forgotten term that no other term has: the one place where
 * `secure-delete` leaves something of a term.
 */
export function hasStaleSeparator(db: DatabaseSync, forgotten: ReadonlySet<string>): boolean {
  const terms = [...forgotten].sort(bytewise)
  const lives = db.prepare('SELECT rowid FROM term WHERE term MATCH ? LIMIT 1')
  const rows = db.prepare('SELECT DISTINCT term FROM term_idx').iterate() as Iterable<{ term: Uint8Array }>
  for (const row of rows) {
    const text = Buffer.from(row.term).toString('latin1')
    const separator = text.slice(MAIN.length)
    if (separator === '' || !text.startsWith(MAIN)) continue
    if (!terms[firstFrom(terms, separator)]?.startsWith(separator)) continue
    if (lives.get(`"${separator}" *`) === undefined) return true
  }
  return false
}

/** The place of the first of sorted terms that does not come before a text. */
function firstFrom(terms: readonly string[], text: string): number {
  let lo = 0
  let hi = terms.length
  while (lo < hi) {
    const middle = (lo + hi) >>> 1
    if ((terms[middle] as string) < text) lo = middle + 1
    else hi = middle
  }
  return lo
}

function bytewise(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
