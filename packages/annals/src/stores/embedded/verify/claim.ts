import type { DirectoryVerdict } from './directory-check.ts'
import type { Heads } from './heads.ts'
import type { Trust } from './trust.ts'

/** What a claim is made of. */
export interface ClaimFacts extends DirectoryVerdict {
  readonly ok: boolean
  readonly size: number
  /** Entries that a checked checkpoint covers. */
  readonly signed: number
  readonly heads: Pick<Heads, 'kept' | 'published' | 'stamps'>
  readonly trust: Trust
  readonly entriesOnly: boolean
  /** Parts could be held against their commitments. */
  readonly disclosed: boolean
}

/** What a result does and does not prove, in a few sentences. */
export function formatClaim(facts: ClaimFacts): string {
  const { ok, size, signed, heads, trust } = facts
  if (!ok)
    return 'Something is wrong with this log: see the findings. Nothing is claimed of the positions they name.'
  if (size === 0) return 'The log is empty.'
  const range =
    signed === 0
      ? `The ${size} entries are well-formed, but no checkpoint covers them`
      : `Entries 0 to ${signed - 1} are complete and unaltered as signed by ${trust.policy?.origins[0]}`
  const since =
    heads.kept === undefined || signed === 0
      ? ''
      : `, and extend the checkpoint of ${heads.kept.size} entries kept from earlier`
  const tail = signed > 0 && size > signed ? `; ${size - signed} later entries are not signed yet` : ''
  return `${range}${since}${partsClaim(facts)}${expiryClaim(facts)}${tail}.${timeClaim(facts)}${trustClaim(trust)}`
}

function partsClaim({ entriesOnly, disclosed, erased, authorities }: ClaimFacts): string {
  if (entriesOnly) return '; parts were not looked at'
  const but = erased === 0 ? '' : `, but for ${erased} erased under the authority of ${authorities} entries`
  if (disclosed) return `; their parts are what was recorded${but}`
  return `; whether their parts are what was recorded${erased === 0 ? '' : ', and entries of the log authorise what was erased,'} needs the keys of the log`
}

/** What retention and archiving have taken away. */
export function expiryClaim({ expired, expiredUnder, archived }: DirectoryVerdict): string {
  const gone =
    expired === 0
      ? ''
      : `; ${expired} entries expired under ${expiredUnder} entries of retention, and their leaf hashes are left`
  const away = archived === 0 ? '' : `; ${archived} entries are in the archive only`
  return `${gone}${away}`
}

function timeClaim(facts: ClaimFacts): string {
  return `${cosignedClaim(facts)}${stampedClaim(facts)}`
}

function stampedClaim({ heads }: ClaimFacts): string {
  const stamp = heads.stamps.at(-1)
  if (stamp === undefined) return ''
  return ` ${stamp.by} time-stamped the first ${stamp.size} entries at ${new Date(stamp.time).toISOString()}.`
}

function cosignedClaim({ trust, heads }: ClaimFacts): string {
  if (trust.times.size === 0 || heads.published?.bound === undefined) return ''
  const at = new Date(heads.published.bound.time).toISOString()
  return trust.pinned
    ? ` Witnesses saw it at ${at}; recordedAt agrees with the times of all cosigned checkpoints.`
    : ` Its own cosigner dates it ${at}; that is a claim of the log's operator.`
}

/** What an unpinned verification does not prove. */
export function trustClaim({ pinned }: Trust): string {
  return pinned
    ? ''
    : ' The key was taken from the directory itself, which proves nothing against its owner: give the key or policy you keep elsewhere.'
}
