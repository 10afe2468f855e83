import type { EvidenceManifest } from './manifest.ts'

/** What the claim of a bundle is made of. */
export interface EvidenceFacts {
  /** Nothing is wrong with what is in the bundle. */
  readonly ok: boolean
  readonly pinned: boolean
  readonly manifest: EvidenceManifest | undefined
  readonly count: number
  readonly erased: number
  readonly authorities: number
  /** Headers decide whether an entry meets the query. */
  readonly decided: boolean
}

/** What a bundle does and does not prove, in a few sentences. */
export function evidenceClaim(facts: EvidenceFacts): string {
  const { ok, manifest, pinned } = facts
  if (!ok || manifest === undefined)
    return 'Something is wrong with this bundle: see the findings. Nothing is claimed of what they name.'
  const trust = pinned
    ? ''
    : ' The key was taken from the bundle itself, which proves nothing against its maker: give the key or policy you keep elsewhere.'
  return `${inTheLog(facts, manifest)} ${leftOut(facts, manifest)}${trust}`
}

function inTheLog({ count, erased, authorities }: EvidenceFacts, { origin, size }: EvidenceManifest): string {
  const gone =
    erased === 0 ? '' : `, but for ${erased} parts erased under the authority of ${authorities} entries`
  const events = count === 1 ? 'The event is an entry' : `The ${count} events are entries`
  return count === 0
    ? `The bundle has no events; it is of the log ${origin} as signed over ${size} entries.`
    : `${events} of the log ${origin} as signed over ${size} entries, in this order and unaltered; what is disclosed of their content is what was recorded${gone}.`
}

function leftOut(
  { decided }: EvidenceFacts,
  { complete, query, range: [from, to] }: EvidenceManifest,
): string {
  const searched = query === '' ? 'events' : `matches of ${JSON.stringify(query)}`
  const where = from === to ? 'no positions' : `positions ${from} to ${to - 1}`
  if (!complete)
    return `That they are all ${searched} at ${where} is the word of whoever made the bundle: an event that was left out would not show.`
  return decided
    ? `They are all ${searched} at ${where}: the header of every entry there is in the bundle.`
    : `The header of every entry at ${where} is in the bundle, so none is hidden; that those without content do not match ${JSON.stringify(query)} is the word of whoever made it.`
}
