import { type Actor, AnnalsError } from '../model/index.ts'
import { type Act, defineAct } from './act.ts'
import { requestMembers, requiredText, takeActor } from './act-request.ts'
import { checkedHoldName } from './hold.ts'
import { holdsOf } from './holds.ts'
import { ownDraft } from './own-entries.ts'

/** Asks for the release of a hold. */
export interface ReleaseRequest {
  /** Name of the hold. */
  readonly hold: string
  /** Why, for whoever reads the log. */
  readonly reason: string
  /** Who asked. @defaultValue the log itself */
  readonly actor?: Actor
}

/** Where a release was recorded. */
export interface ReleaseResult {
  readonly hold: string
  readonly index: number
}

/**
 * Releases a legal hold: what it kept may be erased and expires from now on. It stays in the list with its dates. Releasing
 * again does nothing.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there never was a hold of this name
 * @example
 * ```ts
 * await trail.perform(release, { hold: 'case-7', reason: 'settled' })
 * ```
 */
export const release: Act<ReleaseRequest, ReleaseResult> = defineAct({
  name: 'release',
  takesActor: true,
  check(value) {
    const given = requestMembers(value, ['hold', 'reason', 'actor'])
    return { hold: checkedHoldName(given), reason: requiredText(given, 'reason'), actor: takeActor(given) }
  },
  async perform(request, context) {
    const named = (await holdsOf(context)).findLast(({ name }) => name === request.hold)
    if (named === undefined) {
      throw new AnnalsError('ANNALS_NOT_FOUND', 'There is no hold of this name.', {
        path: '/hold',
        hint: 'The list of holds has their names: annals hold list.',
      })
    }
    if (named.released !== undefined) return { hold: named.name, index: named.released.index }
    const draft = ownDraft('log.release', { hold: request.hold, reason: request.reason })
    const [recorded] = await context.record([{ ...draft, actor: takeActor({ actor: request.actor }) }])
    return { hold: request.hold, index: (recorded as { index: number }).index }
  },
})
