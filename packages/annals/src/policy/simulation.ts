import { createSecretKey, randomBytes } from 'node:crypto'
import type { AuditEvent } from '../model/index.ts'
import { captureOf, type Decision } from './decision.ts'
import { Masker } from './mask/masker.ts'
import type { Policy } from './policy.ts'
import { subjectOf } from './subject.ts'

/** What a rule would have done. */
export interface SimulatedRule {
  readonly rule: string
  readonly capture: Decision['capture']
  /** Events that it would have recorded in full. */
  readonly kept: number
  /** Events that it would have recorded without `data` and `changes`. */
  readonly reduced: number
  /** Events that it would not have recorded. */
  readonly dropped: number
  /** Events, of those recorded, in which something would have been masked. */
  readonly masked: number
}

/** Says what a policy would have kept, dropped and masked of events that were recorded. */
export class Simulation {
  readonly #policy: Policy
  readonly #masker: Masker
  readonly #rows: Map<string, { -readonly [K in keyof SimulatedRule]: SimulatedRule[K] }>

  constructor(policy: Policy) {
    this.#policy = policy
    // Only whether something is hashed is counted, so any key will do.
    this.#masker = new Masker(policy.mask, createSecretKey(randomBytes(32)))
    this.#rows = new Map(
      policy.decisions.map(({ rule, capture }) => [
        rule,
        { rule, capture, kept: 0, reduced: 0, dropped: 0, masked: 0 },
      ]),
    )
  }

  /** Adds an event that was recorded. */
  add(event: AuditEvent): void {
    const subject = subjectOf(event)
    const decision = this.#policy.decide(subject)
    const row = this.#rows.get(decision.rule)
    if (row === undefined) return
    const capture =
      event.phase === 'outcome' && decision.capture === 'none' && this.#keepsAttempt(event)
        ? captureOf(decision, 'outcome')
        : captureOf(decision, event.phase === 'outcome' ? 'single' : event.phase)
    if (capture === 'none') row.dropped++
    else {
      row[capture === 'full' ? 'kept' : 'reduced']++
      if (this.#masks(event, capture)) row.masked++
    }
  }

  /** In the order of the rules; the last row is of what no rule fits. */
  get rows(): readonly SimulatedRule[] {
    return [...this.#rows.values()]
  }

  #keepsAttempt(event: AuditEvent): boolean {
    const decision = this.#policy.decide({ ...subjectOf(event), outcome: 'pending' })
    return captureOf(decision, 'attempt') !== 'none'
  }

  #masks(event: AuditEvent, capture: Decision['capture']): boolean {
    const { data, changes, ...rest } = event
    const recorded = capture === 'full' ? event : rest
    return this.#masker.mask(recorded, Date.parse(event.recordedAt)) !== recorded
  }
}
