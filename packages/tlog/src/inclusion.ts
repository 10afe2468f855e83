import { equalBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { type Hash, nodeHash, requireHash, type Sha256 } from './hash.ts'
import { type LeafRange, readRanges, requireProofForm } from './proof-path.ts'
import { powerAtMost, requireIndex, requireSize } from './size.ts'
import type { HashReader } from './tree.ts'

/**
 * The inclusion proof (audit path) of the leaf at `index` in the tree of `size` leaves: sibling hashes from the leaf
 * up, RFC 6962 section 2.1.1.
 *
 * @throws RangeError unless 0 <= index < size <= MAX_SIZE
 * @example
 * const proof = await proveInclusion(sha, 700, 42, reader)
 * checkInclusion(sha, proof, 700, root, 42, leaf)
 */
export function proveInclusion(
  sha: Sha256,
  size: number,
  index: number,
  reader: HashReader,
): Promise<Hash[]> {
  requireSize(size, 'size')
  requireIndex(index, 'index')
  if (index >= size) throw new RangeError(`index ${index} is not in a tree of ${size} leaves`)
  const siblings: LeafRange[] = []
  let lo = 0
  let hi = size
  while (hi - lo > 1) {
    const middle = lo + powerAtMost(hi - lo - 1)
    if (index < middle) {
      siblings.push({ lo: middle, hi })
      hi = middle
    } else {
      siblings.push({ lo, hi: middle })
      lo = middle
    }
  }
  return readRanges(sha, siblings.reverse(), reader)
}

/**
 * Checks that the tree of `size` leaves with this root has the leaf hash `leaf` at `index`, RFC 9162 section 2.1.3.2.
 *
 * @throws TlogError E_INCLUSION when the proof does not show it, or the index is not below the size
 * @throws TypeError, RangeError for arguments that cannot be sizes or hashes
 * @example
 * checkInclusion(sha, proof, checkpoint.size, checkpoint.root, 42, leafHash(sha, entry))
 */
export function checkInclusion(
  sha: Sha256,
  proof: readonly Hash[],
  size: number,
  root: Hash,
  index: number,
  leaf: Hash,
): void {
  requireSize(size, 'size')
  requireIndex(index, 'index')
  requireHash(root, 'root')
  requireHash(leaf, 'leaf')
  requireProofForm('E_INCLUSION', proof)
  if (index >= size) throw new TlogError('E_INCLUSION', `index ${index} is not in a tree of ${size} leaves`)
  let node = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) throw new TlogError('E_INCLUSION', 'the proof has too many hashes')
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sha, sibling, hash)
      // The last node of a level without right sibling moves up unhashed until it is a right child.
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(sha, hash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  if (last !== 0) throw new TlogError('E_INCLUSION', 'the proof has too few hashes')
  if (!equalBytes(hash, root))
    throw new TlogError('E_INCLUSION', `leaf ${index} is not in the tree with this root`)
}
