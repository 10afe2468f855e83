import { ed25519Verifier, type NoteVerifier } from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import { verifyEd25519 } from '../log/signer.ts'

/**
 * The logs that a witness knows, by origin, from their verifier keys; several keys of one name are one log's.
 *
 * @throws TlogError E_KEY_FORMAT
 */
export function logVerifiers(vkeys: readonly string[]): Map<string, readonly NoteVerifier[]> {
  const logs = new Map<string, NoteVerifier[]>()
  for (const vkey of vkeys) {
    const verifier = ed25519Verifier(sha256Bytes, vkey.trim(), verifyEd25519)
    const known = logs.get(verifier.name)
    if (known === undefined) logs.set(verifier.name, [verifier])
    else known.push(verifier)
  }
  return logs
}
