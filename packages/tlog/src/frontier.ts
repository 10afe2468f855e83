import { TlogError } from './error.ts'
import { type Hash, isHash, nodeHash, requireHash, type Sha256 } from './hash.ts'
import { countOnes, MAX_SIZE, requireSize } from './size.ts'
import { rootFromFrontier } from './tree.ts'

/**
 * The right edge of a growing tree: all that is needed to append leaves and to know the root, at most 52 hashes.
 *
 * @example
 * const frontier = new Frontier(sha)
 * for (const entry of entries) store.push(...frontier.append(leafHash(sha, entry)))
 * const root = frontier.root()
 */
export class Frontier {
  readonly #sha: Sha256
  readonly #hashes: Hash[]
  #size: number

  /** An empty tree. */
  constructor(sha: Sha256) {
    this.#sha = sha
    this.#hashes = []
    this.#size = 0
  }

  /**
   * The frontier of a tree of `size` leaves; `hashes` as `hashes()` or the ids of `frontierIds(size)` give them.
   *
   * @throws TlogError E_FRONTIER when the hashes are not one of 32 bytes for each one bit of the size
   */
  static from(sha: Sha256, size: number, hashes: readonly Hash[]): Frontier {
    requireSize(size, 'size')
    if (hashes.length !== countOnes(size) || !hashes.every(isHash)) {
      throw new TlogError('E_FRONTIER', `a tree of ${size} leaves has ${countOnes(size)} frontier hashes`)
    }
    const frontier = new Frontier(sha)
    frontier.#size = size
    for (const hash of hashes) frontier.#hashes.push(hash.slice())
    return frontier
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size
  }

  /**
   * Appends a leaf hash and returns the stored hashes that it completes, in the order of their ids, the first of which
   * is `storedHashCount` of the size before: the leaf itself, then the nodes above it from the lowest.
   *
   * @throws RangeError when the tree already has MAX_SIZE leaves
   */
  append(leaf: Hash): Hash[] {
    requireHash(leaf, 'leaf')
    if (this.#size >= MAX_SIZE) throw new RangeError('the tree is full: 2^52 leaves')
    const completed = [leaf]
    let hash = leaf
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#hashes.pop()
      if (left === undefined) throw new TypeError('frontier and size disagree')
      hash = nodeHash(this.#sha, left, hash)
      completed.push(hash)
    }
    this.#hashes.push(hash)
    this.#size++
    return completed
  }

  /** The root of the tree so far, RFC 6962 section 2.1. */
  root(): Hash {
    return rootFromFrontier(this.#sha, this.#hashes)
  }

  /** Hashes of the maximal complete subtrees from left to right; the answer is a copy of the list. */
  hashes(): Hash[] {
    return [...this.#hashes]
  }

  /** An independent copy. */
  clone(): Frontier {
    return Frontier.from(this.#sha, this.#size, this.#hashes)
  }
}
