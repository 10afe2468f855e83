/**
 * Stable codes of everything that can be wrong with data from outside. Messages may improve, codes do not change.
 *
 * - `E_CANON`: not canonical JSON, or a value canonical JSON cannot carry
 * - `E_BASE64`: not the one canonical base64 text of some bytes
 * - `E_NOTE_FORMAT`: malformed signed note, checkpoint text or cosignature
 * - `E_SIG_NONE`: no signature by a required key
 * - `E_SIG_BAD`: a signature by a known key does not verify
 * - `E_ORIGIN`: a checkpoint of another log
 * - `E_KEY_FORMAT`: malformed verifier key
 * - `E_INCLUSION`: the proof does not lead from the leaf to the root
 * - `E_CONSISTENCY`: the newer tree does not extend the older one
 * - `E_FRONTIER`: the hashes cannot be the frontier of a tree of that size
 * - `E_TILE`: malformed tile path, or tile bytes that do not lead to the signed root
 * - `E_BUNDLE`: malformed entry bundle
 * - `E_PROOF_FORMAT`: malformed tlog-proof text
 */
export type TlogErrorCode =
  | 'E_CANON'
  | 'E_BASE64'
  | 'E_NOTE_FORMAT'
  | 'E_SIG_NONE'
  | 'E_SIG_BAD'
  | 'E_ORIGIN'
  | 'E_KEY_FORMAT'
  | 'E_INCLUSION'
  | 'E_CONSISTENCY'
  | 'E_FRONTIER'
  | 'E_TILE'
  | 'E_BUNDLE'
  | 'E_PROOF_FORMAT'

/**
 * Data that is malformed or does not prove what it should. Mistakes of the calling program are `TypeError` and
 * `RangeError` instead.
 *
 * @example
 * try {
 *   checkInclusion(sha, proof, size, root, index, leaf)
 * } catch (error) {
 *   if (error instanceof TlogError && error.code === 'E_INCLUSION') report(error)
 *   else throw error
 * }
 */
export class TlogError extends Error {
  override readonly name: string = 'TlogError'
  /** What is wrong, for programs. */
  readonly code: TlogErrorCode

  constructor(code: TlogErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(`${code}: ${message}`, options)
    this.code = code
  }
}
