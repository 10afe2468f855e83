import type { EventContent } from '../log/parts.ts'
import { OUTCOME_RESULTS, type OutcomeResult, type Phase } from '../model/index.ts'
import { type ByteReader, ByteWriter } from './bytes.ts'
import { Distinct } from './distinct.ts'
import { Durations } from './durations.ts'
import type { KeyedHash } from './keyed-hash.ts'

/** What is counted of an operation. */
export type Facts = Pick<EventContent, 'outcome' | 'actor' | 'targets' | 'tenant' | 'visibility'> & {
  readonly action: string
  readonly phase: Phase
}

/** What a question needs of a tally beside its counts; the rest is passed over. */
export type Need = 'durations' | 'actors' | 'targets'

/** Counts of operations. Adding and merging commute, so that it does not matter how operations were parted into tallies. */
export class Tally {
  readonly #results: number[] = OUTCOME_RESULTS.map(() => 0)
  /** `recordedAt` of the first and last operation, ms; infinite when there is none. */
  first: number = Number.POSITIVE_INFINITY
  last: number = Number.NEGATIVE_INFINITY
  readonly durations: Durations = new Durations()
  readonly actors: Distinct = new Distinct()
  readonly targets: Distinct = new Distinct()

  /** How many operations ended so. */
  of(result: OutcomeResult): number {
    return this.#results[OUTCOME_RESULTS.indexOf(result)] as number
  }

  /** All operations. */
  get operations(): number {
    return this.#results.reduce((sum, count) => sum + count, 0)
  }

  /** Counts an operation. Whoever has no id is nobody that could be told apart. */
  add(time: number, { outcome, actor, targets }: Facts, hash: KeyedHash): void {
    const result = OUTCOME_RESULTS.indexOf(outcome.result)
    this.#results[result] = (this.#results[result] as number) + 1
    this.#span(time, time)
    if (outcome.durationMs !== undefined) this.durations.add(outcome.durationMs)
    if (actor.id !== '') this.actors.add(hash.of(actor.type, actor.id))
    for (const { type, id } of targets) this.targets.add(hash.of(type, id))
  }

  /** @param from the time that times are written relative to */
  write(to: ByteWriter, from: number): void {
    for (const count of this.#results) to.number(count)
    to.number(this.first - from)
    to.number(this.last - this.first)
    to.section(section => this.durations.write(section), scratch)
    to.section(section => this.actors.write(section), scratch)
    to.section(section => this.targets.write(section), scratch)
  }

  /** Adds what {@link write} wrote of another; of the rest only what is needed. */
  merge(from: ByteReader, time: number, needs: ReadonlySet<Need>): void {
    const results = this.#results
    for (let i = 0; i < results.length; i++) results[i] = (results[i] as number) + from.number()
    const first = time + from.number()
    this.#span(first, first + from.number())
    for (const need of SECTIONS) {
      const length = from.number()
      if (needs.has(need)) this[need].merge(from)
      else from.at += length
    }
  }

  #span(first: number, last: number): void {
    if (first < this.first) this.first = first
    if (last > this.last) this.last = last
  }
}

/** In the order in which they are written. */
const SECTIONS: readonly Need[] = ['durations', 'actors', 'targets']

/** Everything that a tally has. */
export const ALL_NEEDS: ReadonlySet<Need> = new Set(SECTIONS)

const scratch: ByteWriter = new ByteWriter()
