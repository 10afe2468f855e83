import type { Catalog } from '../catalog/index.ts'
import type { Clocks } from '../log/clock.ts'
import type { PartPlace } from '../log/log-store.ts'
import type { SequencerLimits } from '../log/sequencer-limits.ts'
import type { Period, Store } from '../log/store.ts'
import type { AuditEvent, Limits } from '../model/index.ts'
import type { Policy } from '../policy/index.ts'
import type { SpoolOptions } from '../record/spool/open-spool.ts'

/** Options of `openTrail`. One of `dir` and `store` is needed. */
export interface OpenTrailOptions<C extends Catalog = Catalog> {
  /** Directory of the embedded store; made when it is not there. */
  readonly dir?: string | undefined
  /** A store that is already open, instead of a directory. The trail closes it. */
  readonly store?: Store | undefined
  /** Name of a new log, as its checkpoints carry it. @defaultValue `annals.local/<random>` */
  readonly origin?: string | undefined
  /**
   * Calendar period of a chunk, UTC. In a log that has another one it holds from now on: the open chunk ends, and the change is
   * stated in a `log.policy` entry. @defaultValue that of the log; `day` for a new one
   */
  readonly period?: Period | undefined
  /**
   * Says what is recorded, how and how safely, and what is masked (`annals/policy`). @defaultValue everything is recorded as it
   * is given
   */
  readonly capture?: Policy | undefined
  /**
   * Where events of rules with `onUnavailable: 'spool'` are kept, masked and durable, while they cannot be recorded. They are recorded in
   * order and once when that is possible, also by a later run. A rule that spools needs it.
   */
  readonly spool?: SpoolOptions | undefined
  /** Event types. Absent, the catalog that the log states is used, or an open one. */
  readonly catalog?: C | undefined
  /** Lower bounds on events. @defaultValue the shipped limits */
  readonly limits?: Partial<Limits> | undefined
  /** Bounds on waiting. @defaultValue 65,536 events, 128 MiB, 5 s */
  readonly waiting?: Partial<SequencerLimits> | undefined
  /**
   * C2SP tlog-policy text: its witnesses with an address are asked to cosign every checkpoint, in the background.
   * @defaultValue the file `policy` of the directory, if there is one
   */
  readonly policy?: string | undefined
  /**
   * Whether chunks that have ended are sealed in the background, or only by the act `seal`. @defaultValue `auto`
   */
  readonly sealing?: 'auto' | 'manual' | undefined
  /**
   * How old the published checkpoint of an idle log gets before it is signed anew with a fresh time, in milliseconds, from 1;
   * Infinity for never. @defaultValue 3600000, an hour
   */
  readonly heartbeatMs?: number | undefined
  /**
   * Where others record through this trail, as through a server: how long an operation may go on before its outcome is told as
   * unknown, in milliseconds from 1. Attempts that an earlier opening left open otherwise end at once. @defaultValue nobody does
   */
  readonly operationTimeoutMs?: number | undefined
  /** The machine's clocks, for tests and simulations. @defaultValue Date.now and performance.now */
  readonly clocks?: Clocks | undefined
  /** Sees every event once it is durable, so that an application's own metrics stay in tandem. What it throws goes to `onError`. */
  readonly onRecorded?: ((event: AuditEvent) => void) | undefined
  /** Told when content is erased: whoever keeps copies must forget these parts. */
  readonly onErased?: ((parts: readonly PartPlace[]) => void) | undefined
  /** What had to be mended at opening, and what closing left in the spool, in sentences. @defaultValue ignored */
  readonly onNotice?: ((notice: string) => void) | undefined
  /** Failures that no caller waits for: a checkpoint that could not be signed, a hook that threw. @defaultValue a process warning */
  readonly onError?: ((error: Error) => void) | undefined
}
