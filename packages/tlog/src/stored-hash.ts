// Numbering of the hashes of complete subtrees in the order in which a growing tree completes them; the same numbers
// as Go's golang.org/x/mod/sumdb/tlog (Crosby and Wallach 2009, section 3.3).
import { countOnes, MAX_SIZE, requireSize } from './size.ts'

/** Place of a complete subtree: it holds the leaves from `n * 2^level` to `(n + 1) * 2^level`, the end excluded. */
export interface TreePlace {
  /** Height above the leaves; 0 is a leaf. */
  readonly level: number
  /** Number among the subtrees of this level, from the left, from 0. */
  readonly n: number
}

/**
 * The id of the hash at a place. A hash is numbered right after its right child, so the ids of a tree of any size are
 * dense from 0.
 *
 * @throws RangeError when the subtree would end beyond MAX_SIZE leaves
 * @example
 * storedHashId(0, 0) // 0
 * storedHashId(1, 0) // 2
 */
export function storedHashId(level: number, n: number): number {
  requireSize(n, 'n')
  if (!Number.isInteger(level) || level < 0 || level > 52) throw new RangeError('level must be from 0 to 52')
  const end = (n + 1) * 2 ** level
  if (end > MAX_SIZE) throw new RangeError('the subtree ends beyond 2^52 leaves')
  return leafId(end - 1) + level
}

/**
 * The place of the hash with an id; the inverse of `storedHashId`.
 *
 * @throws RangeError for an id that no tree of at most MAX_SIZE leaves has
 * @example
 * splitStoredHashId(2) // { level: 1, n: 0 }
 */
export function splitStoredHashId(id: number): TreePlace {
  if (!Number.isInteger(id) || id < 0 || id > Number.MAX_SAFE_INTEGER - 1) {
    throw new RangeError(`a stored hash id must be a whole number from 0 to 2^53 - 2, not ${id}`)
  }
  // leafId(n) lies from 2n - 52 to 2n, so the last leaf numbered at or before id is id / 2 or a little more.
  let leaf = Math.floor(id / 2)
  while (leaf + 1 < MAX_SIZE && leafId(leaf + 1) <= id) leaf++
  const level = id - leafId(leaf)
  return { level, n: (leaf + 1) / 2 ** level - 1 }
}

/**
 * How many hashes a tree of `size` leaves stores: the ids in use are those below it.
 *
 * @example
 * storedHashCount(3) // 4: three leaves and the node over the first two
 */
export function storedHashCount(size: number): number {
  requireSize(size, 'size')
  return size === 0 ? 0 : 2 * (size - 1) - countOnes(size - 1) + 1 + trailingOnes(size - 1)
}

/** The id of leaf n: n + n/2 + n/4 + ... with each quotient rounded down, which is 2n less the one bits of n. */
function leafId(n: number): number {
  return 2 * n - countOnes(n)
}

function trailingOnes(n: number): number {
  let ones = 0
  for (let rest = n; rest % 2 === 1; rest = (rest - 1) / 2) ones++
  return ones
}
