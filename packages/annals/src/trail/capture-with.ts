import { createSecretKey } from 'node:crypto'
import type { Checkpointer } from '../log/checkpointer.ts'
import type { Sequencer } from '../log/sequencer.ts'
import type { Store } from '../log/store.ts'
import { Masker, type Policy } from '../policy/index.ts'
import type { Admission } from '../record/admission.ts'
import { Capturing } from '../record/capturing.ts'
import { handToLog } from '../record/hand-to-log.ts'
import { LogCarrier } from '../record/log-carrier.ts'
import { Losses } from '../record/losses.ts'
import type { Recorder } from '../record/recorder.ts'
import type { Spool } from '../record/spool/spool.ts'
import { Spooling } from '../record/spool/spooling.ts'
import { isUnavailable } from '../record/unavailable.ts'
import { dropGap } from './own-events.ts'

/** What a policy is put to work with. */
export interface CaptureSurroundings {
  readonly store: Store
  readonly admission: Admission
  readonly recorder: Recorder
  readonly sequencer: Sequencer
  readonly checkpointer: Checkpointer
  readonly spooling: Spooling | undefined
  readonly report: (error: Error) => void
  /** Longest wait of any event, ms. */
  readonly patienceMs: number
}

/** Makes a recorder record as a policy says; answers with what ends it. */
export function captureWith(policy: Policy, around: CaptureSurroundings): () => Promise<void> {
  const { store, admission, recorder, sequencer, checkpointer, spooling, report, patienceMs } = around
  const losses = new Losses(
    lost => recorder.recordOwn(dropGap(store.identity, lost)),
    () => sequencer.settled(),
    () => sequencer.now(),
  )
  recorder.captureWith(
    new Capturing(policy, new Masker(policy.mask, createSecretKey(store.keys.pepper)), {
      intake: admission,
      hand: handToLog(recorder, sequencer, patienceMs),
      prove: level => (level === 'proved' ? checkpointer.publish() : checkpointer.witnessed()),
      isUnavailable,
      losses,
      spooling,
      report,
      patienceMs,
    }),
  )
  return () => losses.close()
}

/** Puts a spool to work: what an earlier run left in it is recorded, once that begins. */
export function spoolInto(
  spool: Spool,
  { admission, recorder, sequencer, report, patienceMs }: Omit<CaptureSurroundings, 'spooling'>,
): Spooling {
  const carrier = new LogCarrier(admission, {
    hand: item => recorder.hand(item),
    giveUp: item => sequencer.giveUp(item),
  })
  return new Spooling({ spool, carrier, isUnavailable, report, patienceMs })
}
