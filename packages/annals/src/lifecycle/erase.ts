import type { ActContext, Progress } from './act.ts'
import { type Act, defineAct } from './act.ts'
import { divideOrders, recordOrders } from './erase-authorities.ts'
import type { Findings } from './erase-findings.ts'
import { type ErasePlan, planErasure } from './erase-plan.ts'
import { checkErase, type EraseRequest } from './erase-request.ts'
import { findEvents } from './find-events.ts'
import { PersonSearch } from './find-persons.ts'
import { carryOutAuthorities } from './replay.ts'

/** What an erasure did, or would do. It names nobody. */
export interface EraseResult {
  readonly dryRun: boolean
  /** Persons in question of whom there was a key. */
  readonly persons: number
  /** Events that lose a part. */
  readonly events: number
  /** Parts that are erased. */
  readonly parts: number
  /** Subject keys that are destroyed. */
  readonly keys: number
  /** Parts that name a person without being keyed to one of them. */
  readonly mentions: {
    /** Erased; counted in `parts`. */
    readonly erased: number
    /** Left, as the request wanted. */
    readonly reported: number
    /** Left, because they explain the log itself. */
    readonly explaining: number
  }
  /** Parts that holds keep. */
  readonly held: number
  /** Entries of the log that order it. */
  readonly authorities: number
  /** Their positions; none in a dry run. */
  readonly positions: readonly number[]
}

/**
 * Erases persons, or redacts events: content, search index and keys, so that copies in archives become unreadable, too. The
 * entry that orders it comes first, names no person, and is under a signed checkpoint before anything is deleted. Asked again,
 * also after a crash at any step, it finishes and does nothing twice.
 *
 * @throws AnnalsError ANNALS_HELD naming the holds in the way, ANNALS_NOT_FOUND, ANNALS_INVALID; ANNALS_TIMEOUT while events are in the
 * spool of this trail and cannot be recorded
 * @example
 * ```ts
 * await trail.perform(erase, { persons: [{ type: 'user', id: 'alice' }], basis: 'GDPR Art. 17(1)(a)', request: 'T-4711' })
 * ```
 */
export const erase: Act<EraseRequest, EraseResult> = defineAct({
  name: 'erase',
  takesActor: true,
  check: checkErase,
  async perform(request, context, progress) {
    const { dryRun = false } = request
    // What came later than the plan would stay.
    if (!dryRun) await context.gather()
    // An act before this one may have been left half done.
    if (!dryRun) await carryOutAuthorities(context)
    const plan =
      request.persons === undefined
        ? await planned(context, request, await findEvents(context, request.events ?? [], request.parts))
        : await planPersons(context, request, progress)
    const orders = divideOrders(plan)
    if (dryRun) return resultOf(plan, orders.length, { dryRun, positions: [] })
    const positions = await recordOrders(context, request, orders)
    await carryOutAuthorities(context)
    return resultOf(plan, positions.length, { dryRun, positions })
  },
})

async function planPersons(
  context: ActContext,
  request: EraseRequest,
  progress: Progress,
): Promise<ErasePlan> {
  const search = new PersonSearch(context, request.persons ?? [], request.mentions, progress)
  await search.walk()
  // A refusal must come before anything is changed.
  const plan = await planned(context, request, search.findings())
  if (request.dryRun === true) return plan
  await search.retire()
  return await planned(context, request, search.findings())
}

async function planned(
  context: ActContext,
  { exceptHeld = false }: EraseRequest,
  findings: Findings,
): Promise<ErasePlan> {
  return await planErasure(context, findings, exceptHeld)
}

function resultOf(
  { places, keys, persons, mentions, held }: ErasePlan,
  authorities: number,
  done: Pick<EraseResult, 'dryRun' | 'positions'>,
): EraseResult {
  return {
    ...done,
    persons,
    events: new Set(places.map(([index]) => index)).size,
    parts: places.length,
    keys: keys.length,
    mentions,
    held,
    authorities,
  }
}
