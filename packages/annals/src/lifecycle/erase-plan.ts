import type { PartPlace } from '../log/log-store.ts'
import type { ActContext } from './act.ts'
import type { Findings, FoundPart } from './erase-findings.ts'
import { heldOf, refusal } from './erase-held.ts'
import { activeHolds } from './holds.ts'
import { isWithin } from './ranges.ts'

/** What is going to be erased. */
export interface ErasePlan {
  /** By position, then by name: of several persons nothing tells which part is whose. */
  readonly places: readonly PartPlace[]
  /** Ids of subject keys to destroy, sorted. */
  readonly keys: readonly string[]
  readonly persons: number
  readonly mentions: { readonly erased: number; readonly reported: number; readonly explaining: number }
  /** Parts that holds keep. */
  readonly held: number
}

/**
 * Takes out of what was found what holds keep. A key that something held has stays with it.
 *
 * @param exceptHeld leave out what is held, instead of refusing
 * @throws AnnalsError ANNALS_HELD naming the holds
 */
export async function planErasure(
  context: Pick<ActContext, 'store'>,
  found: Findings,
  exceptHeld: boolean,
): Promise<ErasePlan> {
  const holds = await activeHolds(context)
  const held = await heldOf(context, holds, found)
  const kept = found.parts.filter(part => isWithin(held.ranges, part.index))
  if (!exceptHeld && (kept.length > 0 || held.keys.size > 0)) throw await refusal(context, holds, found)
  const due = found.parts.filter(part => !isWithin(held.ranges, part.index))
  const stay = new Set([...held.keys, ...kept.flatMap(part => part.keys)])
  return {
    places: sorted(due),
    keys: [...found.keys].filter(key => !stay.has(key)).sort(),
    persons: found.persons,
    mentions: {
      erased: due.filter(part => part.mention).length,
      reported: found.reported,
      explaining: found.explaining,
    },
    held: kept.length,
  }
}

function sorted(parts: readonly FoundPart[]): PartPlace[] {
  return parts
    .map(({ index, name }): PartPlace => [index, name])
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))
}
