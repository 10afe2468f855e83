import { type Admitted, Item, type Waiter } from '../log/item.ts'
import { timedOut } from '../log/sequencer-limits.ts'
import type { AnnalsError, Draft, NormalEvent } from '../model/index.ts'
import { captureOf, type Decision, type Masker, type Policy, subjectOf } from '../policy/index.ts'
import type { Admission } from './admission.ts'
import type { Losses } from './losses.ts'
import type { Recorded, Refused } from './recorded.ts'
import { toAnnalsError } from './to-annals-error.ts'

/** What the world may do to an event that is good: its rule says what then. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  'ANNALS_TIMEOUT',
  'ANNALS_OVERLOADED',
  'ANNALS_STORE',
  'ANNALS_DISK_FULL',
])

/** What capturing needs of the log. */
export interface CapturePorts {
  readonly admission: Admission
  /** Takes an event over; its waiter is told once. */
  hand(item: Item): void
  /** Resolves when everything durable has a signed checkpoint, or a cosigned one. */
  prove(level: 'proved' | 'witnessed'): Promise<void>
  /** The caller of this item is refused though it is durable. */
  deny(item: Item): void
  readonly losses: Losses
  readonly report: (error: Error) => void
  /** Longest wait of any event, ms. */
  readonly patienceMs: number
}

/** An event as its rule lets it in; without `admitted` it is not recorded. */
interface Taken {
  readonly decision: Decision
  readonly admitted?: Admitted | Promise<Admitted>
}

/** Records as a policy says: whether, how much, masked, how safely, how long it may take, and what happens when it cannot be. */
export class Capturing {
  readonly #policy: Policy
  readonly #masker: Masker
  readonly #ports: CapturePorts
  /** Items whose callers went on without waiting for them: with the rule that counted each as lost, once one did. */
  readonly #unawaited = new WeakMap<Item, { lost?: string }>()

  constructor(policy: Policy, masker: Masker, ports: CapturePorts) {
    this.#policy = policy
    this.#masker = masker
    this.#ports = ports
  }

  record(draft: Draft): Promise<Recorded> {
    try {
      const taken = this.#take(draft)
      if (!(taken.admitted instanceof Promise)) return this.#settle(taken.decision, taken.admitted)
      return taken.admitted.then(admitted => this.#settle(taken.decision, admitted))
    } catch (error) {
      return Promise.reject(toAnnalsError(error))
    }
  }

  /** In the order of the drafts, also when a schema is asynchronous. */
  recordAll(drafts: readonly Draft[], apply: (draft: Draft) => Draft): Promise<(Recorded | Refused)[]> {
    let before: Promise<unknown> | undefined
    const answers = drafts.map(async (draft): Promise<Recorded | Refused> => {
      try {
        const { decision, admitted } = this.#take(apply(draft))
        const turn = before
        if (turn === undefined && !(admitted instanceof Promise))
          return await this.#settle(decision, admitted)
        const ready = Promise.all([admitted, turn])
        before = ready.catch(() => turn)
        return await this.#settle(decision, (await ready)[0])
      } catch (error) {
        return { error: toAnnalsError(error) }
      }
    })
    return Promise.all(answers)
  }

  /**
   * An event has become durable after its caller had its answer.
   *
   * @returns whether the caller went on: then nothing was refused, and nothing may be denied
   */
  recordedLate(item: Item): boolean {
    const fate = this.#unawaited.get(item)
    if (fate?.lost !== undefined) this.#ports.losses.remove(fate.lost)
    return fate !== undefined
  }

  #take(draft: Draft): Taken {
    const { admission } = this.#ports
    const { event, now, timeless } = admission.normalize(draft)
    const decision = this.#policy.decide(subjectOf(event))
    const capture = captureOf(decision, event.phase)
    if (capture === 'none') return { decision }
    const masked = this.#masker.mask(event, now)
    return {
      decision,
      admitted: admission.complete(masked, timeless, capture === 'metadata' ? bare : undefined),
    }
  }

  async #settle(decision: Decision, admitted: Admitted | undefined): Promise<Recorded> {
    if (admitted === undefined) return { id: '', index: -1, level: 'none', rule: decision.rule }
    const patience = Math.min(decision.withinMs ?? Number.POSITIVE_INFINITY, this.#ports.patienceMs)
    const began = performance.now()
    const { promise, resolve, reject } = Promise.withResolvers<Recorded>()
    const waiter: Waiter = {
      recorded: ({ id, index }, duplicate) =>
        resolve(duplicate ? { id, index, level: 'stored', duplicate: true } : { id, index, level: 'stored' }),
      refused: ({ notAwaited }, error) =>
        reject(error.code === 'ANNALS_TIMEOUT' ? timedOut(patience, notAwaited) : error),
    }
    // The sequencer has one patience for all: who may wait for less has waited already.
    const item = new Item(admitted, waiter, 0, began - (this.#ports.patienceMs - patience))
    if (decision.onUnavailable !== 'refuse') this.#unawaited.set(item, {})
    this.#ports.hand(item)
    // Without an id there is nothing to answer with yet: keys have to be looked up, which is waited for.
    if (decision.await === 'queued' && item.id !== '' && !item.settled) {
      this.#unawaited.set(item, this.#unawaited.get(item) ?? {})
      promise.catch((error: AnnalsError) => {
        this.#lose(item, decision)
        this.#ports.report(error)
      })
      return { id: item.id, index: -1, level: 'queued' }
    }
    let stored: Recorded
    try {
      stored = await promise
    } catch (error) {
      const failure = toAnnalsError(error)
      if (decision.onUnavailable === 'refuse' || !UNAVAILABLE.has(failure.code)) throw failure
      this.#lose(item, decision)
      return { id: '', index: -1, level: 'dropped', rule: decision.rule }
    }
    if (decision.await !== 'proved' && decision.await !== 'witnessed') return stored
    try {
      await within(this.#ports.prove(decision.await), patience - (performance.now() - began), patience)
      return { ...stored, level: decision.await }
    } catch (error) {
      // It is stored: nothing is lost, and whoever may go on does.
      if (decision.onUnavailable !== 'refuse') return stored
      this.#ports.deny(item)
      throw toAnnalsError(error)
    }
  }

  #lose(item: Item, { rule }: Decision): void {
    const fate = this.#unawaited.get(item) ?? {}
    fate.lost = rule
    this.#unawaited.set(item, fate)
    this.#ports.losses.add(rule)
  }
}

/** The event without what its producer said of it. */
function bare({ data, changes, ...event }: NormalEvent): NormalEvent {
  return event
}

async function within(work: Promise<void>, leftMs: number, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(patienceMs, true)), Math.max(0, leftMs))
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
