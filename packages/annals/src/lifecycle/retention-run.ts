import { AnnalsError } from '../model/index.ts'
import type { ActContext, Progress } from './act.ts'
import { namedDraft } from './own-entries.ts'
import { carryOutAuthorities } from './replay.ts'
import { divideAuthority } from './retention-authority.ts'
import { isRemoval, type PlannedRemoval, planRetention } from './retention-plan.ts'
import type { Removal } from './retention-removals.ts'
import { type NotSealed, type Sealed, sealEnded } from './seal.ts'

/** What the act `retention-run` answers. */
export interface RetentionRun {
  /** The instant up to which things were due, ISO 8601 UTC. */
  readonly at: string
  /** Identity of the plan that was carried out. */
  readonly plan: string
  /** What went. */
  readonly removals: readonly PlannedRemoval[]
  readonly entries: number
  readonly held: number
  /** Chunks that were sealed before. */
  readonly sealed: readonly number[]
  /** Chunks of which nothing went because they could not be sealed. */
  readonly failed: readonly NotSealed[]
}

/** What a run is bound to. */
export interface RunBounds {
  /** Milliseconds since the epoch; nothing goes that is due later. */
  readonly at: number
  /** Identity of a plan; when the log would now give another, nothing is done. */
  readonly plan?: string | undefined
}

/**
 * Removes what is due, chunk by chunk: first the authority, durable and signed; then the entries; then their secrets. What a run
 * before it has authorised and not finished is finished first.
 *
 * @param progress counts chunks: of the plan, of sealing, of removal
 * @throws AnnalsError ANNALS_CONFLICT when the plan is another than the one it is bound to
 */
export async function runRetention(
  context: ActContext,
  bounds: RunBounds,
  progress: Progress = () => {},
): Promise<RetentionRun> {
  await carryOutAuthorities(context)
  // The plan comes first: whatever is recorded from here on may end the open chunk, and would change it.
  const { work, removals, at, plan, held } = await planRetention(context, bounds.at, progress)
  if (bounds.plan !== undefined && bounds.plan !== plan) {
    throw new AnnalsError(
      'ANNALS_CONFLICT',
      'What is due is no longer what was planned; nothing was removed.',
      {
        hint: 'Make the plan again: events, holds or the policy have changed since.',
      },
    )
  }
  const sealing: Sealed[] = [await sealEnded(context, progress)]
  let done = 0
  for (const [nth, { chunk, due }] of work.entries()) {
    progress(nth, work.length)
    if (isStuck(sealing, chunk.lo)) continue
    await authorise(context, due)
    // The authority has ended it.
    if (chunk.state === 'open') sealing.push(await sealEnded(context))
    await carryOutAuthorities(context)
    done += due.reduce((sum, { authority }) => sum + authority.entries, 0)
  }
  // So may anything that was recorded here.
  sealing.push(await sealEnded(context))
  return {
    at,
    plan,
    removals: removals.filter(({ chunk }) => !isStuck(sealing, chunk)),
    entries: done,
    held,
    sealed: sealing.flatMap(({ sealed }) => sealed.map(({ chunk }) => chunk)),
    failed: (sealing.at(-1) as Sealed).failed,
  }
}

function isStuck(sealing: readonly Sealed[], lo: number): boolean {
  return sealing.some(({ failed }) => failed.some(({ chunk }) => chunk === lo))
}

/** Records what orders the removal. */
async function authorise(context: ActContext, due: readonly Removal[]): Promise<void> {
  const authorities = due
    .filter(({ authority }) => isRemoval(authority))
    .flatMap(({ authority, counts }) => divideAuthority(authority, counts))
  await context.record(
    authorities.map(authority => namedDraft(context.request, 'log.retention', { ...authority })),
  )
}
