import { type ParsedCheckpoint, parseCheckpoint } from './checkpoint.ts'
import { TlogError } from './error.ts'
import type { NoteSignature } from './note.ts'
import { keyOf, type NoteVerifier, openNote } from './note-sign.ts'

/** A checkpoint whose log signature is verified. */
export interface OpenedCheckpoint extends ParsedCheckpoint {
  /** The signed text. */
  readonly text: string
  /** Verified signatures of the log's own keys, one per key; never empty. */
  readonly verified: readonly NoteSignature[]
  /** Verified signatures of witnesses, one per key. Whether they are enough is the caller's policy. */
  readonly witnessed: readonly NoteSignature[]
  /** Signatures of unknown keys. They prove nothing. */
  readonly unverified: readonly NoteSignature[]
}

/**
 * Verifies a signed checkpoint of one log.
 *
 * `verifiers` are keys of the log: one of them must have signed. `witnesses` are keys that only add to that: a witness
 * alone cannot make a checkpoint. A wrong signature by any of them is an error.
 *
 * @throws TlogError (rejection) E_NOTE_FORMAT, E_SIG_BAD, E_SIG_NONE, E_ORIGIN
 * @example
 * const { size, root } = await openCheckpoint(bytes, 'example.com/log', [ed25519Verifier(sha, vkey, verify)])
 */
export async function openCheckpoint(
  bytes: Uint8Array,
  origin: string,
  verifiers: readonly NoteVerifier[],
  witnesses: readonly NoteVerifier[] = [],
): Promise<OpenedCheckpoint> {
  const note = await openNote(bytes, [...verifiers, ...witnesses])
  const logKeys = new Set(verifiers.map(keyOf))
  const verified = note.verified.filter(signature => logKeys.has(keyOf(signature)))
  const witnessed = note.verified.filter(signature => !logKeys.has(keyOf(signature)))
  if (verified.length === 0) throw new TlogError('E_SIG_NONE', 'no signature by a key of the log')
  const checkpoint = parseCheckpoint(note.text)
  if (checkpoint.origin !== origin) throw new TlogError('E_ORIGIN', `a checkpoint of ${checkpoint.origin}`)
  return { ...checkpoint, text: note.text, verified, witnessed, unverified: note.unverified }
}
