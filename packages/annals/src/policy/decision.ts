import type { Durability, Phase } from '../model/index.ts'

/** How much of an event is recorded: nothing, everything but `data` and `changes`, or everything. */
export type CaptureLevel = 'none' | 'metadata' | 'full'

/** `single`: one event when the outcome is known. `operation`: an attempt before the action, and its outcome. */
export type CapturePhases = 'single' | 'operation'

/**
 * What happens when an event cannot be stored in time. `refuse`: the caller gets the error, and the action must not happen.
 * `spool`: it is kept on this machine and recorded later. `drop`: it is counted, and a `log.gap` tells of it.
 */
export type OnUnavailable = 'refuse' | 'spool' | 'drop'

/** How an event is recorded, apart from how much of it. */
export interface Treatment {
  /** @defaultValue `operation` */
  readonly phases?: CapturePhases | undefined
  /** How safe an event is when its caller gets the answer. @defaultValue `stored` */
  readonly await?: Durability | undefined
  /** @defaultValue `refuse` */
  readonly onUnavailable?: OnUnavailable | undefined
  /** Longest wait for an answer, in milliseconds from 1. @defaultValue that of the trail, 5000; never longer */
  readonly withinMs?: number | undefined
}

/** What a policy says of one subject. */
export interface Decision {
  /** Name of the rule that decided. */
  readonly rule: string
  readonly capture: CaptureLevel
  readonly phases: CapturePhases
  readonly await: Durability
  readonly onUnavailable: OnUnavailable
  readonly withinMs?: number
}

export const CAPTURE_LEVELS: readonly CaptureLevel[] = ['none', 'metadata', 'full']
export const CAPTURE_PHASES: readonly CapturePhases[] = ['single', 'operation']
export const AWAITED: readonly Durability[] = ['queued', 'stored', 'proved', 'witnessed']
export const ON_UNAVAILABLE: readonly OnUnavailable[] = ['refuse', 'spool', 'drop']

/** How much is recorded of an event in this phase. */
export function captureOf({ capture, phases }: Decision, phase: Phase): CaptureLevel {
  if (phase === 'attempt' && phases === 'single') return 'none'
  // The outcome of an attempt that was recorded is, too: else the operation would end as unknown.
  return phase === 'outcome' && capture === 'none' ? 'metadata' : capture
}
