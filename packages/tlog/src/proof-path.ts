import type { TlogErrorCode } from './error.ts'
import { TlogError } from './error.ts'
import { type Hash, isHash, type Sha256 } from './hash.ts'
import { type HashReader, rangeIds, readExactly, rootFromFrontier } from './tree.ts'

/** The most hashes a proof may have. A tree of MAX_SIZE leaves needs at most 53. */
export const MAX_PROOF_HASHES: number = 63

/** Leaves from `lo` to `hi`, the end excluded: one side of a split of RFC 6962, whose hash is one line of a proof. */
export interface LeafRange {
  readonly lo: number
  readonly hi: number
}

/** The hash of each range, all stored hashes read in one call. */
export async function readRanges(
  sha: Sha256,
  ranges: readonly LeafRange[],
  reader: HashReader,
): Promise<Hash[]> {
  const idsOf = ranges.map(range => rangeIds(range.lo, range.hi))
  const hashes = await readExactly(reader, idsOf.flat())
  let taken = 0
  return idsOf.map(ids => {
    const own = hashes.slice(taken, taken + ids.length)
    taken += ids.length
    return rootFromFrontier(sha, own)
  })
}

/** Throws unless the proof is a list of at most MAX_PROOF_HASHES hashes of 32 bytes. */
export function requireProofForm(code: TlogErrorCode, proof: readonly Hash[]): void {
  if (!Array.isArray(proof)) throw new TypeError('proof must be an array of hashes')
  if (proof.length > MAX_PROOF_HASHES)
    throw new TlogError(code, `a proof has at most ${MAX_PROOF_HASHES} hashes`)
  if (!proof.every(isHash)) throw new TlogError(code, 'a proof consists of hashes of 32 bytes')
}
