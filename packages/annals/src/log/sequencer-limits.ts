import { AnnalsError } from '../model/index.ts'

/** Bounds of the sequencer. */
export interface SequencerLimits {
  /** Events that may wait for durability before ANNALS_OVERLOADED. @defaultValue 65536 */
  readonly outstanding: number
  /** Bytes that may wait for durability before ANNALS_OVERLOADED. @defaultValue 128 MiB */
  readonly outstandingBytes: number
  /** Longest wait of one event, in milliseconds. @defaultValue 5000 */
  readonly patienceMs: number
  /** How often it is checked who has waited for too long, in milliseconds. @defaultValue a twentieth of the longest wait, at least 10 */
  readonly checkMs?: number | undefined
}

/** The shipped bounds. */
export const SEQUENCER_LIMITS: SequencerLimits = {
  outstanding: 65_536,
  outstandingBytes: 128 * 1024 * 1024,
  patienceMs: 5_000,
}

export function overloaded(waiting: number): AnnalsError {
  return new AnnalsError(
    'ANNALS_OVERLOADED',
    `${waiting} events wait to become durable, which is the limit.`,
    {
      hint: 'Record more slowly, or use recordAll in batches.',
    },
  )
}

/** @param sent the event had been handed to the store and may still become durable */
export function timedOut(patienceMs: number, sent: boolean): AnnalsError {
  const then = sent
    ? 'If the write still succeeds, an outcome "denied" with code ANNALS_NOT_AWAITED follows it.'
    : 'The event was withdrawn.'
  return new AnnalsError('ANNALS_TIMEOUT', `Not durable within ${patienceMs} ms. ${then}`, {
    hint: 'The action must not happen. Check the disk, then try again.',
  })
}
