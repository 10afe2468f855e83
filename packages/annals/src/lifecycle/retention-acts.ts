import { parseInstant } from '../model/index.ts'
import { type Act, defineAct } from './act.ts'
import { invalidRequest, type Members, optionalText, requestMembers } from './act-request.ts'
import { planRetention, type RetentionPlan } from './retention-plan.ts'
import { type RetentionRun, runRetention } from './retention-run.ts'

/** What the act `retention-plan` is asked for. */
export interface RetentionPlanRequest {
  /** The instant to plan for, ISO 8601 with a zone; may lie ahead. @defaultValue now */
  readonly at?: string
}

/** What the act `retention-run` is asked for. */
export interface RetentionRunRequest {
  /** The instant up to which things are due, ISO 8601 with a zone; not ahead of now. @defaultValue now */
  readonly at?: string
  /** Identity of a plan: what it says is removed, or nothing. */
  readonly plan?: string
}

/**
 * Says what retention would remove at an instant, and what is due next. Changes nothing.
 *
 * @example
 * ```ts
 * const { removals, next } = await trail.perform(retentionPlan, { at: '2027-01-01T00:00:00Z' })
 * ```
 */
export const retentionPlan: Act<RetentionPlanRequest, RetentionPlan> = defineAct({
  name: 'retention-plan',
  check(request): RetentionPlanRequest {
    const members = requestMembers(request, ['at'])
    return instantOf(members)
  },
  async perform({ at }: RetentionPlanRequest, context, progress): Promise<RetentionPlan> {
    const until = at === undefined ? context.now() : momentOf(at)
    const { work: _, ...plan } = await planRetention(context, until, progress)
    return plan
  },
})

/**
 * Removes what is due, exactly as `retention-plan` of the same instant says. Ended chunks are sealed first. A run that was interrupted
 * is finished by the next.
 *
 * @example
 * ```ts
 * const { at, plan } = await trail.perform(retentionPlan, {})
 * await trail.perform(retentionRun, { at, plan })
 * ```
 */
export const retentionRun: Act<RetentionRunRequest, RetentionRun> = defineAct({
  name: 'retention-run',
  check(request): RetentionRunRequest {
    const members = requestMembers(request, ['at', 'plan'])
    const plan = optionalText(members, 'plan', 64)
    return { ...instantOf(members), ...(plan === undefined ? {} : { plan }) }
  },
  async perform({ at, plan }: RetentionRunRequest, context, progress): Promise<RetentionRun> {
    const now = context.now()
    const until = at === undefined ? now : momentOf(at)
    if (until > now)
      throw invalidRequest('/at', 'lies ahead: nothing may go before its time', 'Plan for it instead.')
    return await runRetention(context, { at: until, plan }, progress)
  },
})

function instantOf(members: Members): { readonly at?: string } {
  const at = optionalText(members, 'at', 64)
  if (at === undefined) return {}
  if (parseInstant(at) === undefined) throw invalidRequest('/at', 'must be an instant with a zone')
  return { at }
}

function momentOf(at: string): number {
  return parseInstant(at) as number
}
