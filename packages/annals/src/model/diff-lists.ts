import { isList, member, spellJson } from './equal.ts'
import type { Json } from './event.ts'

/** How two arrays belong together. Every position occurs once: in a pair, or as removed or added. All ascending. */
export interface Alignment {
  readonly pairs: readonly (readonly [before: number, after: number])[]
  readonly removed: readonly number[]
  readonly added: readonly number[]
}

/** Largest table of the common subsequence; beyond it elements are paired by position. */
const MOST_CELLS = 1_000_000

/**
 * Pairs the elements of two arrays: equal ones and objects of equal identity by their longest common subsequence, and what
 * lies between by position, unless the two are objects of different identity.
 *
 * @example
 * ```ts
 * alignLists(['a', 'c'], ['a', 'b', 'c'], ['id']).added // [1]
 * ```
 */
export function alignLists(
  before: readonly Json[],
  after: readonly Json[],
  identity: readonly string[],
): Alignment {
  const left = before.map(element => nameOf(element, identity))
  const right = after.map(element => nameOf(element, identity))
  const pairs: [number, number][] = []
  const removed: number[] = []
  const added: number[] = []
  let i = 0
  let j = 0
  const fillGap = (toI: number, toJ: number): void => {
    while (i < toI && j < toJ && !left[i]?.startsWith('=') && !right[j]?.startsWith('='))
      pairs.push([i++, j++])
    while (i < toI) removed.push(i++)
    while (j < toJ) added.push(j++)
  }
  for (const [nextI, nextJ] of commonSubsequence(left, right)) {
    fillGap(nextI, nextJ)
    pairs.push([i++, j++])
  }
  fillGap(left.length, right.length)
  return { pairs, removed, added }
}

/** What an element is recognised by: `=` and its identity, or else all of it. */
function nameOf(element: Json, identity: readonly string[]): string {
  if (typeof element === 'object' && element !== null && !isList(element)) {
    for (const name of identity) {
      const value = member(element, name)
      if (typeof value === 'string' || typeof value === 'number') return `=${name}:${typeof value}:${value}`
    }
  }
  return `#${spellJson(element)}`
}

function commonSubsequence(left: readonly string[], right: readonly string[]): (readonly [number, number])[] {
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1
  let endI = left.length
  let endJ = right.length
  while (endI > start && endJ > start && left[endI - 1] === right[endJ - 1]) {
    endI -= 1
    endJ -= 1
  }
  const found: (readonly [number, number])[] = []
  for (let at = 0; at < start; at += 1) found.push([at, at])
  found.push(...middle(left, right, start, endI, endJ))
  for (let at = 0; endI + at < left.length; at += 1) found.push([endI + at, endJ + at])
  return found
}

function middle(
  left: readonly string[],
  right: readonly string[],
  start: number,
  endI: number,
  endJ: number,
): (readonly [number, number])[] {
  const rows = endI - start
  const columns = endJ - start
  if (rows * columns > MOST_CELLS) return []
  const width = columns + 1
  const longest = new Uint32Array((rows + 1) * width)
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        left[start + i] === right[start + j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0)
    }
  }
  const found: (readonly [number, number])[] = []
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (left[start + i] === right[start + j]) found.push([start + i++, start + j++])
    else if ((longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0)) i += 1
    else j += 1
  }
  return found
}
