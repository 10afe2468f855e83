import { timedOut } from '../log/sequencer-limits.ts'
import type { AnnalsError, Draft, NormalEvent } from '../model/index.ts'
import { captureOf, type Decision, type Masker, type Policy, subjectOf } from '../policy/index.ts'
import { DraftKeys } from './draft-keys.ts'
import type { Hand, Handed, Intake, Ready } from './handing.ts'
import type { Losses } from './losses.ts'
import type { Recorded, Refused } from './recorded.ts'
import type { Spooling } from './spool/spooling.ts'
import { toAnnalsError } from './to-annals-error.ts'
import { within } from './within.ts'

/** What capturing needs of what records: a log, or the way to a server. */
export interface CapturePorts<R extends Ready> {
  readonly intake: Intake<R>
  readonly hand: Hand<R>
  /** Resolves when everything durable has a signed checkpoint, or a cosigned one. */
  prove(level: 'proved' | 'witnessed'): Promise<void>
  /** Whether an event was refused for what the world is like now, and not for what it is. */
  isUnavailable(error: AnnalsError): boolean
  readonly losses: Losses
  /** There when a rule spools. */
  readonly spooling: Spooling | undefined
  readonly report: (error: Error) => void
  /** Longest wait of any event, ms. */
  readonly patienceMs: number
}

/** An event as its rule lets it in; without `ready` it is not recorded. */
interface Taken<R> {
  readonly decision: Decision
  readonly ready?: R | Promise<R>
}

/** What the caller of an event was told, and what became of it. */
interface Fate {
  /** The rule that counted it as lost. */
  lost?: string
  /** Its action must not happen. */
  isRefused?: true
  /** Where it is, when it became durable late. */
  durable?: Recorded
}

/** Records as a policy says: whether, how much, masked, how safely, how long it may take, and what happens when it cannot be. */
export class Capturing<R extends Ready> {
  readonly #policy: Pick<Policy, 'decide'>
  readonly #masker: Pick<Masker, 'mask'>
  readonly #ports: CapturePorts<R>
  readonly #keys = new DraftKeys()

  constructor(policy: Pick<Policy, 'decide'>, masker: Pick<Masker, 'mask'>, ports: CapturePorts<R>) {
    this.#policy = policy
    this.#masker = masker
    this.#ports = ports
  }

  /** Whether an event may have no id yet when its caller has the answer. */
  get spools(): boolean {
    return this.#ports.spooling !== undefined
  }

  record(draft: Draft): Promise<Recorded> {
    try {
      const taken = this.#take(draft)
      if (!(taken.ready instanceof Promise)) return this.#settle(taken.decision, taken.ready)
      return taken.ready.then(ready => this.#settle(taken.decision, ready))
    } catch (error) {
      return Promise.reject(toAnnalsError(error))
    }
  }

  /** In the order of the drafts, also when a schema is asynchronous. */
  recordAll(drafts: readonly Draft[], apply: (draft: Draft) => Draft): Promise<(Recorded | Refused)[]> {
    let before: Promise<unknown> | undefined
    const answers = drafts.map(async (draft): Promise<Recorded | Refused> => {
      try {
        const { decision, ready } = this.#take(apply(draft))
        const turn = before
        if (turn === undefined && !(ready instanceof Promise)) return await this.#settle(decision, ready)
        const all = Promise.all([ready, turn])
        before = all.catch(() => turn)
        return await this.#settle(decision, (await all)[0])
      } catch (error) {
        return { error: toAnnalsError(error) }
      }
    })
    return Promise.all(answers)
  }

  #take(draft: Draft): Taken<R> {
    const { intake } = this.#ports
    const { event, now, timeless } = intake.normalize(draft)
    const decision = this.#policy.decide(subjectOf(event))
    const capture = captureOf(decision, event.phase)
    if (capture === 'none') return { decision }
    const masked = this.#masker.mask(event, now)
    // What is spooled may have reached the store before: its key makes it one event.
    const keyed = decision.onUnavailable === 'spool' ? this.#keys.keyed(masked) : masked
    return { decision, ready: intake.complete(keyed, timeless, capture === 'metadata' ? bare : undefined) }
  }

  async #settle(decision: Decision, ready: R | undefined): Promise<Recorded> {
    if (ready === undefined) return { id: '', index: -1, level: 'none', rule: decision.rule }
    const patience = Math.min(decision.withinMs ?? Number.POSITIVE_INFINITY, this.#ports.patienceMs)
    const began = performance.now()
    const spooling = decision.onUnavailable === 'spool' ? this.#ports.spooling : undefined
    if (spooling?.isBehind === true) return await spooling.add(ready)
    const fate: Fate = {}
    const handed = this.#ports.hand(ready, {
      patienceMs: patience,
      retries: spooling === undefined,
      late: recorded => this.#late(handed, fate, recorded),
    })
    const answer = spooling === undefined ? handed.answer : spooling.recorded(ready, handed)
    const id = spooling === undefined ? handed.id : ready.key
    // Without an id there is nothing to answer with yet: keys have to be looked up, which is waited for.
    if (decision.await === 'queued' && id !== '') {
      answer.catch((error: AnnalsError) => {
        this.#lose(fate, decision)
        this.#ports.report(error)
      })
      return { id, index: -1, level: 'queued' }
    }
    let stored: Recorded
    try {
      stored = await answer
    } catch (error) {
      const failure = toAnnalsError(error)
      if (fate.durable !== undefined) stored = fate.durable
      else if (decision.onUnavailable === 'drop' && this.#ports.isUnavailable(failure)) {
        this.#lose(fate, decision)
        return { id: '', index: -1, level: 'dropped', rule: decision.rule }
      } else {
        fate.isRefused = true
        throw failure
      }
    }
    const level = decision.await
    if ((level !== 'proved' && level !== 'witnessed') || stored.index < 0) return stored
    try {
      const left = patience - (performance.now() - began)
      await within(this.#ports.prove(level), left, () => timedOut(patience, true))
      return { ...stored, level }
    } catch (error) {
      // It is stored: nothing is lost, and whoever may go on does.
      if (decision.onUnavailable !== 'refuse') return stored
      handed.deny()
      throw toAnnalsError(error)
    }
  }

  #late(handed: Handed, fate: Fate, recorded: Recorded): void {
    fate.durable = recorded
    if (fate.lost !== undefined) this.#ports.losses.remove(fate.lost)
    // No attempt may stand for an action that was refused.
    else if (fate.isRefused === true) handed.deny()
  }

  #lose(fate: Fate, { rule }: Decision): void {
    if (fate.durable !== undefined) return
    fate.lost = rule
    this.#ports.losses.add(rule)
  }
}

/** The event without what its producer said of it. */
function bare({ data, changes, ...event }: NormalEvent): NormalEvent {
  return event
}
