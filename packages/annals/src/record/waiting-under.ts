import { SEQUENCER_LIMITS, type SequencerLimits } from '../log/sequencer-limits.ts'
import { AnnalsError } from '../model/index.ts'
import type { Policy } from '../policy/index.ts'

/** Refuses a policy with a rule that spools where there is no spool. @throws AnnalsError ANNALS_UNSUPPORTED */
export function requireSpool(policy: Policy | undefined, spool: unknown): void {
  const spooling = policy?.decisions.find(decision => decision.onUnavailable === 'spool')
  if (spooling === undefined || spool !== undefined) return
  throw new AnnalsError('ANNALS_UNSUPPORTED', `The rule '${spooling.rule}' spools, and there is no spool.`, {
    hint: "Name a directory of this machine: spool: { dir: './annals-spool' }. Or let the rule refuse or drop.",
  })
}

/** The bounds on waiting under a policy: who may wait for less than others must be looked after more often. */
export function waitingUnder(
  policy: Policy | undefined,
  waiting: Partial<SequencerLimits> | undefined,
): Partial<SequencerLimits> | undefined {
  if (policy === undefined) return waiting
  const bounds = policy.decisions.flatMap(({ withinMs }) => (withinMs === undefined ? [] : [withinMs]))
  const shortest = Math.min(...bounds, waiting?.patienceMs ?? SEQUENCER_LIMITS.patienceMs)
  return { ...waiting, checkMs: waiting?.checkMs ?? Math.max(5, shortest / 20) }
}
