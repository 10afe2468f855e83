import type { Heads } from './heads.ts'

/** What a claim is made of. */
export interface ClaimFacts {
  readonly ok: boolean
  readonly size: number
  /** Entries that a checked checkpoint covers. */
  readonly signed: number
  readonly heads: Heads
  readonly entriesOnly: boolean
  /** Parts could be held against their commitments. */
  readonly disclosed: boolean
  readonly erased: number
  readonly authorities: number
}

/** What a result does and does not prove, in a sentence or two. */
export function formatClaim(facts: ClaimFacts): string {
  const { ok, size, signed, heads, erased } = facts
  if (!ok)
    return 'Something is wrong with this log: see the findings. Nothing is claimed of the positions they name.'
  if (size === 0) return 'The log is empty.'
  const range =
    signed === 0
      ? `The ${size} entries are well-formed, but no checkpoint covers them`
      : `Entries 0 to ${signed - 1} are complete and unaltered as signed by ${heads.signer}`
  const since =
    heads.kept === undefined || signed === 0
      ? ''
      : `, and extend the checkpoint of ${heads.kept.size} entries kept from earlier`
  const parts = facts.entriesOnly
    ? '; parts were not looked at'
    : facts.disclosed
      ? `; their parts are what was recorded${erased === 0 ? '' : `, but for ${erased} erased under the authority of ${facts.authorities} entries`}`
      : '; whether their parts are what was recorded needs the keys of the log'
  const tail = signed > 0 && size > signed ? `; ${size - signed} later entries are not signed yet` : ''
  const trust = heads.pinned
    ? ''
    : ' The key was taken from the directory itself, which proves nothing against its owner: give the key or policy you keep elsewhere.'
  return `${range}${since}${parts}${tail}.${trust}`
}
