import { createSecretKey } from 'node:crypto'
import type { Checkpointer } from '../log/checkpointer.ts'
import type { Sequencer } from '../log/sequencer.ts'
import { SEQUENCER_LIMITS, type SequencerLimits } from '../log/sequencer-limits.ts'
import type { Store } from '../log/store.ts'
import { AnnalsError } from '../model/index.ts'
import { Masker, type Policy } from '../policy/index.ts'
import type { Admission } from '../record/admission.ts'
import { Capturing } from '../record/capturing.ts'
import { Losses } from '../record/losses.ts'
import type { Recorder } from '../record/recorder.ts'
import { dropGap } from './own-events.ts'

/** What a policy is put to work with. */
export interface CaptureSurroundings {
  readonly store: Store
  readonly admission: Admission
  readonly recorder: Recorder
  readonly sequencer: Sequencer
  readonly checkpointer: Checkpointer
  readonly report: (error: Error) => void
  readonly patienceMs: number | undefined
}

/** Makes a recorder record as a policy says; answers with what ends it. */
export function captureWith(policy: Policy, around: CaptureSurroundings): () => Promise<void> {
  const { store, admission, recorder, sequencer, checkpointer, report } = around
  const losses = new Losses(
    lost => recorder.recordOwn(dropGap(store.identity, lost)),
    () => sequencer.settled(),
    () => sequencer.now(),
  )
  recorder.captureWith(
    new Capturing(policy, new Masker(policy.mask, createSecretKey(store.keys.pepper)), {
      admission,
      hand: item => recorder.hand(item),
      prove: level => (level === 'proved' ? checkpointer.publish() : checkpointer.witnessed()),
      deny: item => recorder.deny(item),
      losses,
      report,
      patienceMs: around.patienceMs ?? SEQUENCER_LIMITS.patienceMs,
    }),
  )
  return () => losses.close()
}

/**
 * The bounds on waiting under a policy: who may wait for less than others must be looked after more often.
 *
 * @throws AnnalsError ANNALS_UNSUPPORTED for a rule that spools
 */
export function waitingUnder(
  policy: Policy | undefined,
  waiting: Partial<SequencerLimits> | undefined,
): Partial<SequencerLimits> | undefined {
  if (policy === undefined) return waiting
  const spooling = policy.decisions.find(decision => decision.onUnavailable === 'spool')
  if (spooling !== undefined) {
    throw new AnnalsError(
      'ANNALS_UNSUPPORTED',
      `The rule '${spooling.rule}' spools, which this trail cannot.`,
      {
        hint: 'Let it refuse or drop, or record on a server, whose client has a spool.',
      },
    )
  }
  const bounds = policy.decisions.flatMap(({ withinMs }) => (withinMs === undefined ? [] : [withinMs]))
  const shortest = Math.min(...bounds, waiting?.patienceMs ?? SEQUENCER_LIMITS.patienceMs)
  return { ...waiting, checkMs: waiting?.checkMs ?? Math.max(5, shortest / 20) }
}
