import { type Checkpoint, parseCheckpoint, parseNote, TlogError } from '@annals/tlog'
import {
  checkNote,
  checkOwnCosignature,
  compareHeads,
  headOf,
  type KnownHead,
} from '../../../verify/checkpoint-check.ts'
import type { Findings } from '../../../verify/findings.ts'
import { parsePolicy, type TrustPolicy, trustKey } from '../../../verify/policy.ts'
import type { VerifyOptions } from '../../../verify/report.ts'
import type { Known } from './known.ts'
import type { TreeCheck } from './tree-check.ts'

/** Heads that the entries must lead to, and whom they are believed from. */
export interface Heads {
  readonly published: KnownHead | undefined
  readonly kept: KnownHead | undefined
  readonly remembered: KnownHead | undefined
  /** The key was given by the caller. */
  readonly pinned: boolean
  /** Name of the log's key. */
  readonly signer: string | undefined
  /** Most entries that anyone is known to have signed. */
  readonly signed: number
}

/** Opens the published checkpoint and the one kept from earlier, and compares what can be compared without entries. */
export async function readHeads(
  known: Known,
  options: Pick<VerifyOptions, 'vkey' | 'against'> & { readonly policyText?: string | undefined },
  findings: Findings,
): Promise<Heads> {
  const pinned = options.vkey !== undefined || options.policyText !== undefined
  const policy = pinned ? givenPolicy(options) : ownPolicy(known, findings)
  const signer = policy?.origins[0]
  const remembered = known.signedHead === 'damaged' ? undefined : known.signedHead
  if (known.signedHead === 'damaged')
    findings.add(
      'E_NOTE_FORMAT',
      undefined,
      'keys/signed-head.json, in which the signer remembers what it signed last, cannot be read: the log is not held against it.',
    )
  let published: KnownHead | undefined
  let kept: KnownHead | undefined
  if (policy !== undefined) {
    if (known.origin === undefined)
      findings.add('E_ORIGIN', undefined, 'annals.json, which names the log, is missing or damaged.')
    else if (!policy.origins.includes(known.origin))
      findings.add(
        'E_ORIGIN',
        undefined,
        `The directory says it is the log ${known.origin}; the key is that of ${policy.origins.join(', ')}.`,
      )
    if (known.checkpoint !== undefined) {
      const opened = await checkNote(known.checkpoint, policy, 'The checkpoint', findings)
      published = opened === undefined ? undefined : headOf(opened)
      if (opened !== undefined)
        await checkOwnCosignature(known.checkpoint, policy, known.cosignerVkey, findings)
    }
    if (options.against !== undefined) {
      const opened = await checkNote(options.against, policy, 'The checkpoint kept from earlier', findings)
      kept = opened === undefined ? undefined : headOf(opened)
    }
  }
  if (published !== undefined && kept !== undefined) compareHeads(kept, published, findings)
  if (
    published !== undefined &&
    remembered !== undefined &&
    published.size < remembered.size &&
    known.clean
  ) {
    findings.add(
      'E_ROLLBACK',
      published.size,
      `The checkpoint has ${published.size} entries, and the signer remembers to have signed ${remembered.size}.`,
    )
  }
  const claimed = published?.size ?? claimedSize(known.checkpoint)
  return {
    published,
    kept,
    remembered,
    pinned,
    signer,
    signed: Math.max(claimed, kept?.size ?? 0, remembered?.size ?? 0),
  }
}

/** Reports heads that the entries do not reach or do not lead to. */
export function checkHeads(
  heads: Heads,
  known: Known,
  tree: TreeCheck,
  size: number,
  findings: Findings,
): void {
  const { published, kept, remembered } = heads
  if (known.checkpoint === undefined) {
    const why =
      remembered !== undefined && remembered.size > 0
        ? `the signer remembers one over ${remembered.size} entries`
        : known.clean && size > 0
          ? 'the log was closed, which leaves one'
          : undefined
    if (why !== undefined)
      findings.add(
        'E_ROLLBACK',
        undefined,
        `There is no checkpoint, although ${why}: it was removed, or an older copy was restored.`,
      )
  }
  let right = 0
  const lead = (head: KnownHead | undefined, code: string, what: string): void => {
    if (head === undefined) return
    if (head.size > size) {
      findings.add(
        code === 'E_ROOT' ? 'E_ENTRY_MISSING' : 'E_ROLLBACK',
        size,
        `${what} has ${head.size} entries; ${size} are there.`,
      )
      return
    }
    const root = tree.rootAt(head.size)
    if (root === head.root) {
      right = Math.max(right, head.size)
      return
    }
    if (root === undefined && findings.failed) return
    const at =
      tree.differs >= 0 && tree.differs < head.size
        ? tree.differs
        : Math.min(right, Math.max(head.size - 1, 0))
    const where =
      at === tree.differs
        ? `position ${at} is the first that differs from the hash tiles`
        : `some entry from position ${at} to ${head.size - 1} is not what was signed`
    findings.add(
      code,
      at,
      `The entries do not give the root of ${what.toLowerCase()} over ${head.size} entries: ${where}.`,
    )
  }
  const same = (a: KnownHead | undefined, b: KnownHead | undefined): boolean =>
    a !== undefined && b !== undefined && a.size === b.size
  // Smaller heads first: a right one narrows where the next can be wrong.
  if (!same(kept, published)) lead(kept, 'E_CONSISTENCY', 'The checkpoint kept from earlier')
  if (!(same(remembered, published) && remembered?.root === published?.root))
    lead(remembered, 'E_CONSISTENCY', 'The last head its signer remembers')
  lead(published, 'E_ROOT', 'The checkpoint')
}

function givenPolicy(
  options: Pick<VerifyOptions, 'vkey'> & { readonly policyText?: string | undefined },
): TrustPolicy {
  try {
    return options.policyText === undefined
      ? trustKey(options.vkey as string)
      : parsePolicy(options.policyText)
  } catch (error) {
    if (error instanceof TlogError)
      throw new TypeError(`the key or policy to verify with: ${error.message}`, { cause: error })
    throw error
  }
}

function ownPolicy(known: Known, findings: Findings): TrustPolicy | undefined {
  try {
    if (known.vkey !== undefined) return trustKey(known.vkey)
  } catch {
    // Said below.
  }
  findings.add(
    'E_SIG_NONE',
    undefined,
    'The directory has no readable verifier key (file vkey), and none was given.',
  )
  return undefined
}

/** Size that a checkpoint states, be it signed or not; 0 when it states none. */
function claimedSize(note: Uint8Array | undefined): number {
  try {
    const checkpoint: Checkpoint | undefined =
      note === undefined ? undefined : parseCheckpoint(parseNote(note).text)
    return checkpoint?.size ?? 0
  } catch {
    return 0
  }
}
