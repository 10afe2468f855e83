import type { Draft, NormalEvent } from '../model/index.ts'
import { captureOf, type Pause, type Pauses, type Policy, subjectOf } from '../policy/index.ts'
import type { Recorded } from './recorded.ts'

/** Actions that are counted apart within one pause. */
const MOST_ACTIONS = 1_000

/** What is told of an event that a pause left out. */
const LEFT_OUT: Recorded = Object.freeze({ id: '', index: -1, level: 'none', paused: true })

/** Leaves out what is paused, before anything else is decided about it. */
export class Pausing {
  readonly #pauses: Pauses
  readonly #normalize: (draft: Draft) => NormalEvent
  readonly #policy: Pick<Policy, 'decide' | 'protects'> | undefined
  readonly #counts = new WeakMap<Pause, Map<string, number>>()

  /** @param policy what is recorded when nothing is paused, and which actions no pause leaves out */
  constructor(
    pauses: Pauses,
    normalize: (draft: Draft) => NormalEvent,
    policy: Pick<Policy, 'decide' | 'protects'> | undefined,
  ) {
    this.#pauses = pauses
    this.#normalize = normalize
    this.#policy = policy
  }

  /** Whether nothing is paused. */
  get isIdle(): boolean {
    return this.#pauses.isEmpty
  }

  /** What is told of a draft that is left out; undefined for one that is to be recorded, or refused. */
  answer(draft: Draft): Recorded | undefined {
    if (this.isIdle) return undefined
    let event: NormalEvent
    try {
      event = this.#normalize(draft)
    } catch {
      // Whoever records it says what is wrong with it, paused or not.
      return undefined
    }
    // The attempt of an outcome may be in the log. And what a person enters by hand, they want to be there.
    if (event.phase === 'outcome' || event.backfill !== undefined) return undefined
    const pause = this.#pauses.over(event)
    if (pause === undefined || this.#policy?.protects(event.action) === true) return undefined
    // Not counted: else the attempt that a rule leaves out would take the place of its one event.
    if (
      this.#policy !== undefined &&
      captureOf(this.#policy.decide(subjectOf(event)), event.phase) === 'none'
    )
      return undefined
    return this.#isPicked(pause, event.action) ? undefined : LEFT_OUT
  }

  /** Counted by action: where two take turns, one of them would never be picked. */
  #isPicked(pause: Pause, action: string): boolean {
    if (pause.oneIn === undefined) return false
    let counts = this.#counts.get(pause)
    if (counts === undefined || (counts.size >= MOST_ACTIONS && !counts.has(action))) {
      counts = new Map()
      this.#counts.set(pause, counts)
    }
    const count = counts.get(action) ?? 0
    counts.set(action, (count + 1) % pause.oneIn)
    return count === 0
  }
}
