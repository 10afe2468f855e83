import type { Draft, NormalEvent } from '../model/index.ts'
import type { Recorded } from './recorded.ts'
import type { Line } from './spool/carrier.ts'

/** An event that is ready to be recorded: it can be handed over, or spooled as a line. */
export interface Ready extends Line {
  /** Its idempotency key; empty of one that brings none. */
  readonly key: string
}

/** A draft that was checked. */
export interface Normalized {
  readonly event: NormalEvent
  /** Ms since the epoch. */
  readonly now: number
  /** The draft gave no `occurredAt`. */
  readonly timeless: boolean
}

/** Makes drafts ready. */
export interface Intake<R extends Ready> {
  /** The first half of it: the event as the draft says, and the time it is. @throws AnnalsError */
  normalize(draft: Draft): Normalized
  /**
   * The second half; a promise only when the schema of its type is asynchronous.
   *
   * @param reduce takes away what is not to be stored, after it was checked
   * @throws AnnalsError
   */
  complete(
    event: NormalEvent,
    timeless: boolean,
    reduce: ((event: NormalEvent) => NormalEvent) | undefined,
  ): R | Promise<R>
}

/** On what terms an event is handed over. */
export interface Terms {
  /** How long its answer may take, milliseconds. */
  readonly patienceMs: number
  /** Whether it may be tried again until then. */
  readonly retries: boolean
  /** Told when it becomes durable though it was refused or withdrawn. */
  readonly late: (recorded: Recorded) => void
}

/** An event that was handed over. */
export interface Handed {
  /** Its id, or where it has none yet what it will be recorded under; empty where neither is known. */
  readonly id: string
  /** Where it is, or an AnnalsError: ANNALS_TIMEOUT once it has waited for too long. */
  readonly answer: Promise<Recorded>
  /** Nobody waits for it any more: it is taken back unless it is with the store. */
  withdraw(): void
  /** Its action was refused though it is durable. */
  deny(): void
}

/** Hands an event over. */
export type Hand<R extends Ready> = (ready: R, terms: Terms) => Handed
