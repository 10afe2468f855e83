import { type NoteVerifier, type OpenedCheckpoint, TlogError } from '@annals/tlog'
import { checkNote, ownCosigners } from '../../../verify/checkpoint-check.ts'
import type { Findings } from '../../../verify/findings.ts'
import { keyName, parsePolicy, type TrustPolicy, trustKey } from '../../../verify/policy.ts'
import type { VerifyOptions } from '../../../verify/report.ts'
import type { Known } from './known.ts'

/** What a caller may trust. */
export interface GivenTrust extends Pick<VerifyOptions, 'vkey'> {
  /** Text of a C2SP tlog-policy file. */
  readonly policyText?: string | undefined
}

/** Whom checkpoints are believed from, and whose times. */
export interface Trust {
  /** Undefined when there is no key at all. */
  readonly policy: TrustPolicy | undefined
  /** The key was given by the caller. */
  readonly pinned: boolean
  /** The signer's own cosigners, whose keys lie in the directory. */
  readonly own: readonly NoteVerifier[]
  /** Names of the keys whose cosignatures count for times: witnesses that are trusted, and the signer's own where nothing is pinned. */
  readonly times: ReadonlySet<string>
}

/**
 * The trust of a verification: what the caller gives, else what the directory says of itself.
 *
 * @throws TypeError for a key or policy that cannot be read
 */
export function trustOf(
  given: GivenTrust,
  known: Pick<Known, 'vkey' | 'cosignerVkeys'>,
  findings: Findings,
): Trust {
  const pinned = given.vkey !== undefined || given.policyText !== undefined
  const policy = pinned ? givenPolicy(given) : ownPolicy(known, findings)
  const own = policy === undefined ? [] : ownCosigners(known.cosignerVkeys, policy)
  const times = [...(policy?.witnesses ?? []), ...(pinned ? [] : own)].map(keyName)
  return { policy, pinned, own, times: new Set(times) }
}

/**
 * Opens a checkpoint of the log, with the cosignature that its signer gives every checkpoint. A failure is reported.
 *
 * @param quorum `asked`: the policy's quorum of witnesses must have cosigned it, too
 */
export async function openTrusted(
  note: Uint8Array,
  { policy, own }: Trust,
  whose: string,
  quorum: 'asked' | 'not asked',
  findings: Findings,
): Promise<OpenedCheckpoint | undefined> {
  if (policy === undefined) return undefined
  const witnesses = [...policy.witnesses, ...own]
  const asked = quorum === 'asked' ? policy.quorum : (): boolean => true
  const opened = await checkNote(note, { ...policy, witnesses, quorum: asked }, whose, findings)
  const names = new Set(own.map(keyName))
  if (
    opened !== undefined &&
    names.size > 0 &&
    !opened.witnessed.some(signature => names.has(keyName(signature)))
  )
    findings.add(
      'E_SIG_NONE',
      undefined,
      `${whose} lacks its signer's own cosignature, which gives it a time.`,
    )
  return opened
}

function givenPolicy({ vkey, policyText }: GivenTrust): TrustPolicy {
  try {
    return policyText === undefined ? trustKey(vkey as string) : parsePolicy(policyText)
  } catch (error) {
    if (error instanceof TlogError)
      throw new TypeError(`the key or policy to verify with: ${error.message}`, { cause: error })
    throw error
  }
}

function ownPolicy({ vkey }: Pick<Known, 'vkey'>, findings: Findings): TrustPolicy | undefined {
  try {
    if (vkey !== undefined) return trustKey(vkey)
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
  }
  findings.add(
    'E_SIG_NONE',
    undefined,
    'The directory has no readable verifier key (file vkey), and none was given.',
  )
  return undefined
}
