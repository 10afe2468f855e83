const LONGEST = 64
/** As many first letters in common make a name likely when no other has them. */
const LEADING = 4

/**
 * The candidate most like a mistyped name, or undefined when none is near: within two edits (one for names of up
 * to three letters), or the only one with the same first four letters.
 *
 * @example
 * ```ts
 * nearest('outcom', ['action', 'outcome']) // 'outcome'
 * ```
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name === '' || name.length > LONGEST) return undefined
  const limit = name.length > 3 ? 2 : 1
  let best: string | undefined
  let least = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (edits < least) [best, least] = [candidate, edits]
  }
  if (best !== undefined) return best
  const alike = candidates.filter(candidate => candidate.startsWith(name.slice(0, LEADING)))
  return alike.length === 1 && name.length >= LEADING ? alike[0] : undefined
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, at(before, j - 2) + 1)
      row.push(least)
    }
    before = above
    above = row
  }
  return at(above, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
