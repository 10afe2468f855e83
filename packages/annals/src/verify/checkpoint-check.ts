import {
  cosignatureVerifier,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  TlogError,
} from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import { verifyEd25519 } from '../log/signer.ts'
import type { Findings } from './findings.ts'
import { keyName, type TrustPolicy } from './policy.ts'

/** A signed or remembered head that the entries must lead to. */
export interface KnownHead {
  readonly size: number
  /** 32 bytes in latin1. */
  readonly root: string
}

/** Opens a checkpoint with the keys that are trusted; a failure is reported, with `whose` in the message. */
export async function checkNote(
  note: Uint8Array,
  policy: TrustPolicy,
  whose: string,
  findings: Findings,
): Promise<OpenedCheckpoint | undefined> {
  const origin = originOf(note)
  const expected = policy.origins.find(name => name === origin) ?? (policy.origins[0] as string)
  try {
    const opened = await openCheckpoint(note, expected, policy.logs, policy.witnesses)
    if (!policy.quorum(new Set(opened.witnessed.map(keyName)))) {
      findings.add(
        'E_WITNESS_QUORUM',
        undefined,
        `${whose} is cosigned by too few witnesses: rewriting by the operator cannot be excluded.`,
      )
    }
    return opened
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    const [code, what] = explain(error, origin, policy)
    findings.add(code, undefined, `${whose}: ${what}`)
    return undefined
  }
}

/**
 * Checks the cosignature of the log's own signer on a note that opened: it gives every checkpoint a time. Its key lies in the
 * directory, so this finds an alteration, not a forger.
 */
export async function checkOwnCosignature(
  note: Uint8Array,
  policy: TrustPolicy,
  vkey: string | undefined,
  findings: Findings,
): Promise<void> {
  if (vkey === undefined) return
  const origin = originOf(note) as string
  try {
    const cosigner = cosignatureVerifier(sha256Bytes, vkey, verifyEd25519)
    const { witnessed } = await openCheckpoint(note, origin, policy.logs, [cosigner])
    if (witnessed.length > 0) return
    findings.add(
      'E_SIG_NONE',
      undefined,
      "The checkpoint lacks its signer's own cosignature, which gives it a time.",
    )
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    findings.add(
      'E_SIG_BAD',
      undefined,
      `The own cosignature of the checkpoint's signer is altered: ${error.message}.`,
    )
  }
}

/** A note by another log is told apart from one by another key. */
function explain(
  error: TlogError,
  origin: string | undefined,
  policy: TrustPolicy,
): [code: string, what: string] {
  if (error.code === 'E_SIG_NONE' && origin !== undefined && !policy.origins.includes(origin)) {
    return ['E_ORIGIN', `it is of the log ${JSON.stringify(origin)}, not of ${policy.origins.join(' or ')}.`]
  }
  return [error.code, `${error.message.replace(/^E_[A-Z_]+: /, '')}.`]
}

function originOf(note: Uint8Array): string | undefined {
  try {
    return parseCheckpoint(parseNote(note).text).origin
  } catch {
    return undefined
  }
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
