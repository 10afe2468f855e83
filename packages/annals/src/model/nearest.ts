/**
 * The known names nearest to a misspelt one by edit distance, best first; none when all are too far away.
 *
 * @param most how many to return at most
 * @example
 * ```ts
 * nearest('targts', ['targets', 'tags']) // ['targets', 'tags']
 * ```
 */
export function nearest(name: string, known: Iterable<string>, most: number = 3): string[] {
  const wanted = name.slice(0, 128).toLowerCase()
  const bound = Math.max(2, Math.ceil(wanted.length / 3))
  const scored: { readonly name: string; readonly distance: number }[] = []
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bound)
    if (distance <= bound) scored.push({ name: candidate, distance })
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return scored.slice(0, most).map(found => found.name)
}

/**
 * A hint such as `did you mean 'targets'?`, or undefined when nothing is near.
 *
 * @example
 * ```ts
 * didYouMean('tennant', ['tenant']) // "did you mean 'tenant'?"
 * ```
 */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const names = nearest(name, known)
  return names.length === 0 ? undefined : `did you mean ${names.map(found => `'${found}'`).join(' or ')}?`
}

/** Levenshtein distance, or `bound + 1` once it is known to be above `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    let least = i
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1)
      const cost = Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      next.push(cost)
      if (cost < least) least = cost
    }
    if (least > bound) return bound + 1
    row = next
  }
  return row[b.length] ?? bound + 1
}
