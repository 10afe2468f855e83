import type { Hash, Sha256 } from './hash.ts'
import { checkInclusion } from './inclusion.ts'
import type { NoteVerifier } from './note-sign.ts'
import { type OpenedCheckpoint, openCheckpoint } from './open-checkpoint.ts'
import { type ParsedTlogProof, parseProof } from './tlog-proof.ts'
import { encodeUtf8 } from './utf8.ts'

/** Whom the checker of a proof trusts. */
export interface ProofTrust {
  /** Name of the log. */
  readonly origin: string
  /** Keys of the log, one of which must have signed the checkpoint. */
  readonly verifiers: readonly NoteVerifier[]
  /** Keys of witnesses, whose signatures are verified and reported. @defaultValue none */
  readonly witnesses?: readonly NoteVerifier[]
}

/** A proof that holds. */
export interface CheckedProof {
  /** Position of the leaf. */
  readonly index: number
  /** Opaque data that came with the proof. NOT authenticated. */
  readonly extra?: Uint8Array | undefined
  /** The verified checkpoint that the leaf is in. */
  readonly checkpoint: OpenedCheckpoint
}

/**
 * Checks a tlog-proof offline: the checkpoint is signed by the log, and the leaf is in its tree at the proof's index.
 * `leaf` is the hash that the caller computed from the entry itself.
 *
 * @throws TlogError (rejection) E_PROOF_FORMAT, E_NOTE_FORMAT, E_SIG_BAD, E_SIG_NONE, E_ORIGIN, E_INCLUSION
 * @example
 * const { index } = await checkProof(sha, text, leafHash(sha, entry), { origin, verifiers: [logVerifier] })
 */
export async function checkProof(
  sha: Sha256,
  proof: string | Uint8Array,
  leaf: Hash,
  trust: ProofTrust,
): Promise<CheckedProof> {
  const parsed: ParsedTlogProof = parseProof(proof)
  const note = encodeUtf8(parsed.checkpoint)
  const checkpoint = await openCheckpoint(note, trust.origin, trust.verifiers, trust.witnesses)
  checkInclusion(sha, parsed.hashes, checkpoint.size, checkpoint.root, parsed.index, leaf)
  return { index: parsed.index, ...(parsed.extra === undefined ? {} : { extra: parsed.extra }), checkpoint }
}
