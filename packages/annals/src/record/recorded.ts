import type { AnnalsError, Draft, DraftOutcome } from '../model/index.ts'

/**
 * How safe a record is. `queued`: accepted in memory or a spool. `stored`: durable, with a position. `proved`: covered by a
 * signed checkpoint. `witnessed`: that checkpoint is cosigned by the policy's quorum.
 */
export type Durability = 'queued' | 'stored' | 'proved' | 'witnessed'

/** What `record()` answers: where the event is. Not a receipt, which is a portable proof. */
export interface Recorded {
  readonly id: string
  readonly index: number
  readonly level: Durability
  /** The idempotency key was known: this is the event recorded then. */
  readonly duplicate?: true
}

/** A draft that was not recorded, and why. */
export interface Refused {
  readonly error: AnnalsError
}

/** An attempt that was stored and waits for its outcome. */
export interface Operation {
  readonly id: string
  readonly recorded: Recorded
  /** Records the outcome; the elapsed time is filled in unless given. Only the first call records. */
  finish(
    outcome: DraftOutcome,
    more?: Omit<Draft, 'action' | 'phase' | 'operation' | 'outcome'>,
  ): Promise<Recorded>
}
