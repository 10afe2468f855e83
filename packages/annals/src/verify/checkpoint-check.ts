import { cosignatureVerifier, type NoteVerifier, type OpenedCheckpoint, TlogError } from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import { verifyEd25519 } from '../log/signer.ts'
import { checkNote } from './check-note.ts'
import type { Findings } from './findings.ts'
import { keyName, type TrustPolicy } from './trust-policy.ts'

export { checkNote }

/** A signed or remembered head that the entries must lead to. */
export interface KnownHead {
  readonly size: number
  /** 32 bytes in latin1. */
  readonly root: string
}

/**
 * Verifiers of the cosigner keys that a log's signer has of its own. Their keys lie in the directory, so they find an alteration,
 * not a forger. One that the policy has as a witness is that, and left out; and so is a line that is no key.
 */
export function ownCosigners(vkeys: readonly string[], { witnesses }: TrustPolicy): NoteVerifier[] {
  const known = new Set(witnesses.map(keyName))
  return vkeys.flatMap(vkey => {
    try {
      const verifier = cosignatureVerifier(sha256Bytes, vkey, verifyEd25519)
      return known.has(keyName(verifier)) ? [] : [verifier]
    } catch (error) {
      if (error instanceof TlogError) return []
      throw error
    }
  })
}

/** The head of an opened checkpoint. */
export function headOf(checkpoint: OpenedCheckpoint): KnownHead {
  return { size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('latin1') }
}

/**
 * Holds the published head against an older one that was kept: it may neither be smaller nor differ at the same size.
 * Whether the tree extends the older one is found from the entries.
 */
export function compareHeads(kept: KnownHead, published: KnownHead, findings: Findings): void {
  if (published.size < kept.size) {
    findings.add(
      'E_ROLLBACK',
      published.size,
      `The checkpoint has ${published.size} entries, the one kept from earlier ${kept.size}: a backup was restored, or the end was cut.`,
    )
  } else if (published.size === kept.size && published.root !== kept.root) {
    findings.add(
      'E_SPLIT_VIEW',
      undefined,
      `Two checkpoints over ${kept.size} entries have different roots. Keep both notes: they are proof of misconduct.`,
    )
  }
}
