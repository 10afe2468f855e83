import { type Actor, AnnalsError, sameJson } from '../model/index.ts'
import { isActionPattern, type Pause, type PauseScope } from '../policy/index.ts'
import { type Act, defineAct } from './act.ts'
import {
  invalidRequest,
  type Members,
  optionalList,
  optionalText,
  requestMembers,
  requiredText,
  takeActor,
} from './act-request.ts'
import { ownDraft } from './own-entries.ts'
import { pausesOf } from './pauses-of.ts'

/** Asks for a pause of a tenant, of a project, or of a project of a tenant. */
export interface PauseRequest extends PauseScope {
  /** Why, for whoever reads the log. */
  readonly reason: string
  /** Of each action one event in so many is recorded, from 2 to 1,000,000. @defaultValue none is recorded */
  readonly oneIn?: number
  /** At most 64 actions that are recorded all the same: `machine.delete`, `machine.*`, `machine.**` for it and everything below. */
  readonly except?: readonly string[]
  /** Who asked. @defaultValue the log itself */
  readonly actor?: Actor
}

/** Where a pause, or its end, was recorded. */
export interface PauseResult {
  readonly index: number
}

/** Pauses that can be in force at a time. */
const MOST = 1_000
const MOST_EXCEPT = 64
const LEAST_OFTEN = 1_000_000
/** Longest name of a tenant or project, in characters. */
const LONGEST = 512

/**
 * Pauses recording, or thins it: for development and tests, whose events nobody will ask for. The log says so at its beginning and its
 * end, and answers of a server tell of the gap. Recorded all the same: outcomes of attempts that are in the log, backfilled events, the
 * log's own, and actions that the policy protects. It holds over restarts, until `resume`. Another pause of the same scope
 * replaces it; the same again does nothing.
 *
 * @throws AnnalsError ANNALS_INVALID; ANNALS_LIMIT when 1,000 are in force
 * @example
 * ```ts
 * await trail.perform(pause, { tenant: 'dev', reason: 'load test', except: ['access.**'] })
 * ```
 */
export const pause: Act<PauseRequest, PauseResult> = defineAct({
  name: 'pause',
  takesActor: true,
  check: checkPause,
  async perform({ tenant, project, reason, oneIn, except = [], actor }, context) {
    const pauses = await pausesOf(context)
    const scope = scopeOf({ tenant, project })
    const known = pauses.at(scope)
    if (known !== undefined && isSame(known, { oneIn, except })) return { index: known.index }
    if (known === undefined && pauses.all.length >= MOST)
      throw new AnnalsError('ANNALS_LIMIT', `${MOST} pauses are in force.`, {
        hint: 'End those that are over: annals pause list names them.',
      })
    const data = {
      scope: { ...scope },
      reason,
      ...(oneIn === undefined ? {} : { oneIn }),
      except: [...except],
    }
    const draft = { ...ownDraft('log.pause', data), ...scope, actor: takeActor({ actor }) }
    const [recorded] = await context.record([draft])
    return { index: (recorded as { index: number }).index }
  },
})

/** The scope that a request names. @throws AnnalsError ANNALS_INVALID */
export function checkedPauseScope(given: Members): PauseScope {
  const scope = scopeOf({
    tenant: optionalText(given, 'tenant', LONGEST),
    project: optionalText(given, 'project', LONGEST),
  })
  if (Object.keys(scope).length > 0) return scope
  throw invalidRequest('', 'must name a tenant, a project or both', 'A whole log cannot be paused.')
}

/** Without what is absent. */
export function scopeOf({
  tenant,
  project,
}: {
  readonly tenant?: string | undefined
  readonly project?: string | undefined
}): PauseScope {
  return { ...(tenant === undefined ? {} : { tenant }), ...(project === undefined ? {} : { project }) }
}

function checkPause(value: unknown): PauseRequest {
  const given = requestMembers(value, ['tenant', 'project', 'reason', 'oneIn', 'except', 'actor'])
  const { oneIn } = given
  if (
    oneIn !== undefined &&
    !(Number.isSafeInteger(oneIn) && Number(oneIn) >= 2 && Number(oneIn) <= LEAST_OFTEN)
  )
    throw invalidRequest('/oneIn', `must be a whole number from 2 to ${LEAST_OFTEN}`)
  const except = optionalList(given, 'except', takeAction)
  if (except !== undefined && except.length > MOST_EXCEPT)
    throw invalidRequest('/except', `must have at most ${MOST_EXCEPT} actions`)
  return {
    ...checkedPauseScope(given),
    reason: requiredText(given, 'reason'),
    ...(oneIn === undefined ? {} : { oneIn: Number(oneIn) }),
    ...(except === undefined ? {} : { except }),
    actor: takeActor(given),
  }
}

function takeAction(value: unknown, path: string): string {
  if (typeof value === 'string' && value.length <= LONGEST && isActionPattern(value)) return value
  throw invalidRequest(path, 'must be an action, such as machine.delete or machine.**')
}

function isSame(
  known: Pause,
  { oneIn, except }: { oneIn: number | undefined; except: readonly string[] },
): boolean {
  return known.oneIn === oneIn && sameJson([...known.except], [...except])
}
