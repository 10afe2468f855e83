import { equalBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { emptyRoot, type Hash, nodeHash, requireHash, type Sha256 } from './hash.ts'
import { type LeafRange, readRanges, requireProofForm } from './proof-path.ts'
import { powerAtMost, requireSize } from './size.ts'
import type { HashReader } from './tree.ts'

/**
 * The proof that the tree of `size` leaves extends the tree of its first `oldSize` leaves, RFC 6962 section 2.1.2. It
 * is empty when the old tree is empty or both are the same.
 *
 * @throws RangeError unless 0 <= oldSize <= size <= MAX_SIZE
 * @example
 * const proof = await proveConsistency(sha, 500, 700, reader)
 * checkConsistency(sha, proof, 500, oldRoot, 700, root)
 */
export function proveConsistency(
  sha: Sha256,
  oldSize: number,
  size: number,
  reader: HashReader,
): Promise<Hash[]> {
  requireSize(oldSize, 'oldSize')
  requireSize(size, 'size')
  if (oldSize > size) throw new RangeError(`oldSize ${oldSize} is larger than size ${size}`)
  if (oldSize === 0) return Promise.resolve([])
  const ranges: LeafRange[] = []
  let lo = 0
  let hi = size
  while (hi !== oldSize) {
    const middle = lo + powerAtMost(hi - lo - 1)
    if (oldSize <= middle) {
      ranges.push({ lo: middle, hi })
      hi = middle
    } else {
      ranges.push({ lo, hi: middle })
      lo = middle
    }
  }
  // What is left is common to both trees; from position 0 it is the old tree itself, whose root the checker has.
  if (lo > 0) ranges.push({ lo, hi })
  return readRanges(sha, ranges.reverse(), reader)
}

/**
 * Checks that the tree (size, root) extends the tree (oldSize, oldRoot), RFC 9162 section 2.1.4.2. The empty tree is
 * extended by every tree, with an empty proof.
 *
 * @throws TlogError E_CONSISTENCY when the proof does not show it, or the new tree is the smaller one
 * @throws TypeError, RangeError for arguments that cannot be sizes or hashes
 * @example
 * checkConsistency(sha, proof, kept.size, kept.root, head.size, head.root)
 */
export function checkConsistency(
  sha: Sha256,
  proof: readonly Hash[],
  oldSize: number,
  oldRoot: Hash,
  size: number,
  root: Hash,
): void {
  requireSize(oldSize, 'oldSize')
  requireSize(size, 'size')
  requireHash(oldRoot, 'oldRoot')
  requireHash(root, 'root')
  requireProofForm('E_CONSISTENCY', proof)
  if (oldSize > size)
    throw new TlogError('E_CONSISTENCY', `the tree shrinks from ${oldSize} to ${size} leaves`)
  if (oldSize === 0 || oldSize === size) {
    if (proof.length !== 0) throw new TlogError('E_CONSISTENCY', 'the proof has too many hashes')
    const expected = oldSize === size ? root : emptyRoot(sha)
    if (!equalBytes(oldRoot, expected))
      throw new TlogError('E_CONSISTENCY', `two roots for ${oldSize} leaves`)
    if (size === 0 && !equalBytes(root, emptyRoot(sha)))
      throw new TlogError('E_CONSISTENCY', 'not the empty root')
    return
  }
  const roots = runProof(sha, proof, oldSize, oldRoot, size)
  if (!equalBytes(roots.old, oldRoot) || !equalBytes(roots.new, root)) {
    throw new TlogError('E_CONSISTENCY', `the tree of ${size} leaves does not extend the one of ${oldSize}`)
  }
}

/** The two roots that the proof leads to, for 0 < oldSize < size. */
function runProof(
  sha: Sha256,
  proof: readonly Hash[],
  oldSize: number,
  oldRoot: Hash,
  size: number,
): { readonly old: Hash; readonly new: Hash } {
  // A complete old tree is itself the first common subtree, so its root is left out of the proof.
  const [start, ...rest] = powerAtMost(oldSize) === oldSize ? [oldRoot, ...proof] : proof
  if (start === undefined) throw new TlogError('E_CONSISTENCY', 'the proof has too few hashes')
  let node = oldSize - 1
  let last = size - 1
  while (node % 2 === 1) {
    node = (node - 1) / 2
    last = Math.floor(last / 2)
  }
  let oldHash = start
  let newHash = start
  for (const hash of rest) {
    if (last === 0) throw new TlogError('E_CONSISTENCY', 'the proof has too many hashes')
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sha, hash, oldHash)
      newHash = nodeHash(sha, hash, newHash)
      while (node % 2 === 0 && node !== 0) {
        node /= 2
        last = Math.floor(last / 2)
      }
    } else {
      newHash = nodeHash(sha, newHash, hash)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  if (last !== 0) throw new TlogError('E_CONSISTENCY', 'the proof has too few hashes')
  return { old: oldHash, new: newHash }
}
