/** Below this a scan is cheaper than a set. */
const SCANNED = 40

/** Terms in order. Those of one group are kept apart from each other; groups differ by their prefix. */
export interface TermList {
  readonly terms: string[]
  start: number
  seen: Set<string> | undefined
}

/** Begins a group. */
export function beginGroup(list: TermList): void {
  list.start = list.terms.length
  list.seen = undefined
}

/** Adds a term unless the group has it. */
export function addTerm(list: TermList, term: string): void {
  const { terms, start, seen } = list
  if (seen) {
    if (seen.has(term)) return
    seen.add(term)
  } else {
    for (let at = start; at < terms.length; at++) if (terms[at] === term) return
    if (terms.length - start >= SCANNED) list.seen = new Set(terms.slice(start)).add(term)
  }
  terms.push(term)
}
