import { type Actor, AnnalsError } from '../model/index.ts'
import type { PauseScope } from '../policy/index.ts'
import { type Act, defineAct } from './act.ts'
import { requestMembers, requiredText, takeActor } from './act-request.ts'
import { ownDraft } from './own-entries.ts'
import { checkedPauseScope, type PauseResult, scopeOf } from './pause.ts'
import { pausesOf } from './pauses-of.ts'

/** Asks for the end of the pause of exactly this scope. */
export interface ResumeRequest extends PauseScope {
  /** Why, for whoever reads the log. */
  readonly reason: string
  /** Who asked. @defaultValue the log itself */
  readonly actor?: Actor
}

/**
 * Ends a pause: from now on everything of its scope is recorded, as far as no other pause is about it.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when no pause of this scope is in force
 * @example
 * ```ts
 * await trail.perform(resume, { tenant: 'dev', reason: 'load test is over' })
 * ```
 */
export const resume: Act<ResumeRequest, PauseResult> = defineAct({
  name: 'resume',
  takesActor: true,
  check(value) {
    const given = requestMembers(value, ['tenant', 'project', 'reason', 'actor'])
    return { ...checkedPauseScope(given), reason: requiredText(given, 'reason'), actor: takeActor(given) }
  },
  async perform({ tenant, project, reason, actor }, context) {
    const scope = scopeOf({ tenant, project })
    if ((await pausesOf(context)).at(scope) === undefined)
      throw new AnnalsError('ANNALS_NOT_FOUND', 'No pause of this tenant and project is in force.', {
        hint: 'A pause ends by the names that it began with: annals pause list.',
      })
    const draft = ownDraft('log.resume', { scope: { ...scope }, reason })
    const [recorded] = await context.record([{ ...draft, ...scope, actor: takeActor({ actor }) }])
    return { index: (recorded as { index: number }).index }
  },
})
