import type { AnnalsError } from '../../model/index.ts'
import type { Recorded, Refused } from '../recorded.ts'

/** A draft on its way. */
export interface Line {
  /** The draft as JSON in one line, without its end. */
  readonly line: string
  /** The producer gave an idempotency key and no time: another use of the key may differ in it. */
  readonly timeless: boolean
}

/** When a draft that was not recorded is to be tried again. */
export interface Retry {
  /** Not before so many milliseconds have passed. */
  readonly afterMs?: number | undefined
}

/** Takes drafts from a spool to where they belong. */
export interface Carrier {
  /**
   * Records drafts in order and once: one whose idempotency key is known is answered as it was. Nobody waits for them.
   *
   * @throws AnnalsError when nothing is known about any of them
   */
  carry(lines: readonly Line[]): Promise<readonly (Recorded | Refused)[]>
  /** How to go on with a draft that was refused; undefined when it will be refused whenever it comes. */
  retry(error: AnnalsError): Retry | undefined
}
