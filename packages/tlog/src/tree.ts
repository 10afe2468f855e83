import { emptyRoot, type Hash, isHash, nodeHash, type Sha256 } from './hash.ts'
import { powerAtMost, requireSize } from './size.ts'
import { storedHashId } from './stored-hash.ts'

/**
 * Anything that can give stored hashes by id: an array, a database, authenticated tiles.
 *
 * Law: the answer has one hash per id, in the order of the ids. A reader that cannot give one rejects.
 */
export interface HashReader {
  readHashes(ids: readonly number[]): Promise<readonly Hash[]> | readonly Hash[]
}

/**
 * Ids of the maximal complete subtrees of the leaves from `lo` to `hi`, from left to right. `lo` must be a multiple of
 * the largest power of two in `hi - lo`, as every side of a split of RFC 6962 is.
 */
export function rangeIds(lo: number, hi: number): number[] {
  const ids: number[] = []
  let start = lo
  while (start < hi) {
    const width = powerAtMost(hi - start)
    ids.push(storedHashId(Math.log2(width), start / width))
    start += width
  }
  return ids
}

/**
 * Ids of the frontier of a tree: its maximal complete subtrees from left to right, one per one bit of the size.
 *
 * @throws RangeError for a size outside 0 to MAX_SIZE
 * @example
 * frontierIds(3) // [2, 3]: the node over leaves 0 and 1, then leaf 2
 */
export function frontierIds(size: number): number[] {
  requireSize(size, 'size')
  return rangeIds(0, size)
}

/**
 * The root of a tree from its frontier: the hashes folded from the right, RFC 6962 section 2.1. Without hashes it is
 * the empty root.
 *
 * @example
 * const root = rootFromFrontier(sha, frontier.hashes())
 */
export function rootFromFrontier(sha: Sha256, hashes: readonly Hash[]): Hash {
  let root: Hash | undefined
  for (let i = hashes.length - 1; i >= 0; i--) {
    const hash = hashes[i]
    if (!isHash(hash)) throw new TypeError('a hash must be a Uint8Array of 32 bytes')
    root = root === undefined ? hash : nodeHash(sha, hash, root)
  }
  return root?.slice() ?? emptyRoot(sha)
}

/**
 * The root of the tree of the first `size` leaves, from at most 52 stored hashes read in one call.
 *
 * @throws RangeError for a size outside 0 to MAX_SIZE
 * @example
 * const root = await treeHash(sha, 700, reader)
 */
export function treeHash(sha: Sha256, size: number, reader: HashReader): Promise<Hash> {
  return readExactly(reader, frontierIds(size)).then(hashes => rootFromFrontier(sha, hashes))
}

/** Reads hashes and holds the reader to its law. */
export async function readExactly(reader: HashReader, ids: readonly number[]): Promise<readonly Hash[]> {
  if (ids.length === 0) return []
  const hashes = await reader.readHashes(ids)
  if (hashes.length !== ids.length || !hashes.every(isHash)) {
    throw new TypeError(`readHashes must give ${ids.length} hashes of 32 bytes`)
  }
  return hashes
}
