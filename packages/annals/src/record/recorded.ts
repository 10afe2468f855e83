import type { AnnalsError, Draft, DraftOutcome, Durability } from '../model/index.ts'

/** What `record()` answers: where the event is. Not a receipt, which is a portable proof. */
export interface Recorded {
  /**
   * Id of the event; empty of one that is not recorded. Of one that waits in a spool, or to be sent to a server, it is the idempotency
   * key that it will be recorded under.
   */
  readonly id: string
  /** Position in the log; −1 of an event that is only `queued` or not recorded. */
  readonly index: number
  /** `none`: the policy records no such event, or it is paused. `dropped`: it could not be stored in time, and the policy lets that pass. */
  readonly level: Durability | 'none' | 'dropped'
  /** Name of the rule of the policy by which it is not recorded. */
  readonly rule?: string
  /** Left out because recording of its tenant or project is paused, or thinned. */
  readonly paused?: true
  /** It is durable in the spool of this machine, and is recorded when the log can be reached. */
  readonly spooled?: true
  /** The idempotency key was known: this is the event recorded then. */
  readonly duplicate?: true
}

/** A draft that was not recorded, and why. */
export interface Refused {
  readonly error: AnnalsError
}

/** An attempt that was stored and waits for its outcome. */
export interface Operation {
  /** What joins attempt and outcome: the id of the attempt, unless its draft named another. Empty where no attempt is recorded. */
  readonly id: string
  readonly recorded: Recorded
  /** Records the outcome; the elapsed time is filled in unless given. Only the first call records. */
  finish(
    outcome: DraftOutcome,
    more?: Omit<Draft, 'action' | 'phase' | 'operation' | 'outcome'>,
  ): Promise<Recorded>
}
