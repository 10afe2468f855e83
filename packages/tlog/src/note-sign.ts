import { TlogError } from './error.ts'
import { formatNote, type NoteSignature, parseNote, requireNoteText } from './note.ts'
import { encodeUtf8 } from './utf8.ts'

/** A key that verifies signatures of one name and type. */
export interface NoteVerifier {
  readonly name: string
  /** Unsigned 32-bit number. */
  readonly keyId: number
  /** Whether `signature` (without key id) is this key's signature of `message`, the UTF-8 bytes of the note text. */
  verify(message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
}

/** A key that signs notes. */
export interface NoteSigner {
  readonly name: string
  /** Unsigned 32-bit number. */
  readonly keyId: number
  /** The signature (without key id) of `message`, the UTF-8 bytes of the note text. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** A note with at least one verified signature. */
export interface OpenedNote {
  /** The signed text, its final newline included. */
  readonly text: string
  /** Signatures of known keys, all verified; at most one per key, its first, so that a quorum can be counted. */
  readonly verified: readonly NoteSignature[]
  /** Signatures of unknown keys. They prove nothing. */
  readonly unverified: readonly NoteSignature[]
}

/**
 * Signs a text. `existing` signatures of the same text come first; they are not verified.
 *
 * @throws TlogError E_NOTE_FORMAT (rejection) when the text or a name breaks the format
 * @example
 * const note = await signNote(formatCheckpoint(checkpoint), [logSigner])
 */
export async function signNote(
  text: string,
  signers: readonly NoteSigner[],
  existing: readonly NoteSignature[] = [],
): Promise<Uint8Array> {
  requireNoteText(text)
  const signatures = [...existing]
  for (const signer of signers) {
    // A new array each time: a signer may keep or change what it is given.
    const signature = await signer.sign(encodeUtf8(text))
    signatures.push({ name: signer.name, keyId: signer.keyId, signature })
  }
  return formatNote(text, signatures)
}

/**
 * Parses a note and verifies it. Every signature by a known key (same name and key id) must verify; those of unknown
 * keys are ignored.
 *
 * @throws TlogError (rejection) E_NOTE_FORMAT, E_SIG_BAD when a known key's signature is wrong, E_SIG_NONE when no
 *   known key signed
 * @throws TypeError (rejection) when two different verifiers have the same name and key id
 * @example
 * const { text } = await openNote(bytes, [ed25519Verifier(sha, vkey, verify)])
 */
export async function openNote(bytes: Uint8Array, verifiers: readonly NoteVerifier[]): Promise<OpenedNote> {
  const known = new Map<string, NoteVerifier>()
  for (const verifier of verifiers) {
    const key = keyOf(verifier)
    if ((known.get(key) ?? verifier) !== verifier) throw new TypeError(`two verifiers for ${key}`)
    known.set(key, verifier)
  }
  const { text, signatures } = parseNote(bytes)
  const verified = new Map<string, NoteSignature>()
  const unverified: NoteSignature[] = []
  for (const signature of signatures) {
    const key = keyOf(signature)
    const verifier = known.get(key)
    if (verifier === undefined) {
      unverified.push(signature)
      continue
    }
    // Compared with true: a verifier without types that answers with a truthy object must not pass.
    const good = (await verifier.verify(encodeUtf8(text), signature.signature)) === true
    if (!good) throw new TlogError('E_SIG_BAD', `the signature by ${key} is wrong`)
    if (!verified.has(key)) verified.set(key, signature)
  }
  if (verified.size === 0) throw new TlogError('E_SIG_NONE', 'no signature by a known key')
  return { text, verified: [...verified.values()], unverified }
}

/** Name and key id as verifier keys show them; together they identify a key. */
export function keyOf(key: { readonly name: string; readonly keyId: number }): string {
  return `${key.name}+${key.keyId.toString(16).padStart(8, '0')}`
}
