import { readEntry } from '../log/entry.ts'
import { type Admitted, Item } from '../log/item.ts'
import type { StoredRecord } from '../log/record-bytes.ts'
import { keyConflict, sameContent } from '../log/same-content.ts'
import type { Sequencer } from '../log/sequencer.ts'
import { IdSequence } from '../log/uuid.ts'
import { AnnalsError, type Draft, isLogAction } from '../model/index.ts'
import type { Operation, Recorded, Refused } from '../record/recorded.ts'
import type { Admission, ReadyForLog } from './admission.ts'
import { type Ambient, AmbientScope } from './ambient.ts'
import type { Capturing } from './capturing.ts'
import { Denials } from './denials.ts'
import { beginOperation, wrapOperation } from './operation.ts'
import type { Pausing } from './pausing.ts'
import { toAnnalsError } from './to-annals-error.ts'
import { GroupWaiter, SingleWaiter } from './waiters.ts'

/** The producers' side of a trail: one event, many, or the two phases of an operation. */
export class Recorder {
  readonly #admission: Admission
  readonly #sequencer: Sequencer
  readonly #ambient = new AmbientScope()
  readonly #ids = new IdSequence()
  readonly #report: (error: Error) => void
  readonly #denials: Denials
  /** Called before the first event of this opening. */
  #onFirst: (() => void) | undefined
  #capturing: Capturing<ReadyForLog> | undefined
  #pausing: Pausing | undefined

  /** @param report told what no caller waits for */
  constructor(
    admission: Admission,
    sequencer: Sequencer,
    onFirst: () => void,
    report: (error: Error) => void,
  ) {
    this.#admission = admission
    this.#sequencer = sequencer
    this.#onFirst = onFirst
    this.#report = report
    this.#denials = new Denials({ hand: item => sequencer.submitLast(item), report })
  }

  /** From now on a policy says what is recorded, and how. */
  captureWith(capturing: Capturing<ReadyForLog>): void {
    this.#capturing = capturing
  }

  /** From now on what is paused is left out. */
  pauseWith(pausing: Pausing): void {
    this.#pausing = pausing
  }

  /** Takes over an event that is admitted; its waiter is told once. */
  hand(item: Item): void {
    this.#first()
    this.#sequencer.submit(item)
  }

  record(action: string, draft: Omit<Draft, 'action'> = {}): Promise<Recorded> {
    requireDraft(draft)
    return this.#submit({ ...draft, action })
  }

  recordAll(drafts: readonly Draft[]): Promise<(Recorded | Refused)[]> {
    if (!Array.isArray(drafts)) throw new TypeError('recordAll takes an array of drafts')
    if (drafts.length === 0) return Promise.resolve([])
    return this.#pausing === undefined || this.#pausing.isIdle
      ? this.#recordEach(drafts)
      : this.#recordUnpaused(drafts, this.#pausing)
  }

  /** In order; what is paused has its answer at once. */
  async #recordUnpaused(drafts: readonly Draft[], pausing: Pausing): Promise<(Recorded | Refused)[]> {
    const answers = drafts.map(draft => pausing.answer(this.#ambient.apply(draft)))
    const rest = drafts.filter((_, at) => answers[at] === undefined)
    const recorded = rest.length === 0 ? [] : await this.#recordEach(rest)
    let next = 0
    return answers.map(answer => answer ?? (recorded[next++] as Recorded | Refused))
  }

  #recordEach(drafts: readonly Draft[]): Promise<(Recorded | Refused)[]> {
    if (this.#capturing !== undefined)
      return this.#capturing.recordAll(drafts, draft => this.#ambient.apply(draft))
    return new Promise(resolve => {
      const group = new GroupWaiter(drafts.length, resolve)
      const since = performance.now()
      let before: Promise<void> | undefined
      for (const [slot, draft] of drafts.entries()) {
        const admitted = this.#admit(draft)
        // One asynchronous schema makes the rest wait, so that the order of the call stays the order of the log.
        if (before === undefined && !(admitted instanceof Promise)) this.#hand(admitted, group, slot, since)
        else before = Promise.all([before, admitted]).then(([, one]) => this.#hand(one, group, slot, since))
      }
    })
  }

  begin(action: string, draft: Omit<Draft, 'action'> = {}): Promise<Operation> {
    requireDraft(draft)
    const ids = this.#capturing?.spools === true ? this.#ids : undefined
    return beginOperation(whole => this.#submit(whole), this.#ambient.apply({ ...draft, action }), ids)
  }

  async wrap<R>(
    action: string,
    draft: Omit<Draft, 'action'>,
    work: (operation: Operation) => R | Promise<R>,
  ): Promise<R> {
    return await wrapOperation(this.begin(action, draft), work, this.#report)
  }

  within<R>(ambient: Ambient, work: () => R): R {
    return this.#ambient.run(ambient, work)
  }

  /** Records one of the log's own events; resolves when it is durable. */
  recordOwn(draft: Draft): Promise<Recorded> {
    return this.#waitFor(this.#admission.admit(draft, true) as Admitted)
  }

  /** Records an outcome that nobody else will; resolves when it is durable. */
  recordMissing(outcome: Draft): Promise<Recorded> {
    this.#first()
    return this.#waitFor(this.#admission.admit(outcome) as Admitted)
  }

  /** The caller of this item was told ANNALS_TIMEOUT: no attempt may stand for an action that was refused. */
  denyNotAwaited(item: Item): void {
    if (item.late === undefined) this.deny(item)
    else item.late()
  }

  /** Records that the action of a durable event was refused. */
  deny(item: Item): void {
    const { action, phase, retention, content } = item.event
    // An outcome tells of an action that has happened; and the log's own events are no actions.
    if (phase === 'outcome' || isLogAction(action)) return
    const draft: Draft = {
      id: `not-awaited:${item.id}`,
      action,
      phase: 'outcome',
      operation: item.id,
      outcome: {
        result: 'denied',
        code: 'ANNALS_NOT_AWAITED',
        message: 'The caller had stopped waiting when the event became durable.',
      },
      actor: content.actor,
      targets: content.targets,
      retention,
      visibility: content.visibility,
      ...(content.tenant === undefined ? {} : { tenant: content.tenant }),
      ...(content.project === undefined ? {} : { project: content.project }),
    }
    try {
      // Without `data`, which the attempt holds, and without the ambient fields of whoever runs now.
      this.#denials.add(this.#admission.admit(draft) as Admitted)
    } catch (error) {
      this.#report(toAnnalsError(error))
    }
  }

  /** Tries once more what is still to be told, before the trail closes. */
  close(): void {
    this.#denials.close()
  }

  #submit(draft: Draft): Promise<Recorded> {
    const paused = this.#pausing?.answer(this.#ambient.apply(draft))
    if (paused !== undefined) return Promise.resolve(paused)
    if (this.#capturing !== undefined) return this.#capturing.record(this.#ambient.apply(draft))
    const admitted = this.#admit(draft)
    if (admitted instanceof AnnalsError) return Promise.reject(admitted)
    if (admitted instanceof Promise) {
      return admitted.then(one => {
        if (one instanceof AnnalsError) throw one
        this.#first()
        return this.#waitFor(one)
      })
    }
    this.#first()
    return this.#waitFor(admitted)
  }

  #waitFor(event: Admitted): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#sequencer.submit(new Item(event, new SingleWaiter(resolve, reject), 0, performance.now()))
    })
  }

  #admit(draft: Draft): Admitted | AnnalsError | Promise<Admitted | AnnalsError> {
    try {
      const admitted = this.#admission.admit(this.#ambient.apply(draft))
      return admitted instanceof Promise ? admitted.catch(toAnnalsError) : admitted
    } catch (error) {
      return toAnnalsError(error)
    }
  }

  #hand(admitted: Admitted | AnnalsError, group: GroupWaiter, slot: number, since: number): void {
    if (admitted instanceof AnnalsError) {
      group.refuse(slot, admitted)
      return
    }
    this.#first()
    this.#sequencer.submit(new Item(admitted, group, slot, since))
  }

  #first(): void {
    const first = this.#onFirst
    this.#onFirst = undefined
    first?.()
  }
}

/** Compares a new item with the record that has its idempotency key: the recorded id, or a conflict; undefined once it was thinned. */
export function compareWithRecorded(
  item: Item,
  index: number,
  record: StoredRecord,
): { readonly id: string } | AnnalsError | undefined {
  if (record.thinned !== undefined) return undefined
  const entry = readEntry(record.entry.toString('latin1'))
  const { event } = item
  // What was erased cannot be compared; the key still answers with the id of then.
  if (record.parts.some(part => part.bytes === null)) return { id: entry.id }
  const recorded = {
    action: entry.action,
    phase: entry.phase,
    operation: entry.operation,
    retention: entry.retention,
    parts: record.parts.map(part => ({ name: part.name, json: (part.bytes as Buffer).toString('utf8') })),
    content: { outcome: { result: entry.result } },
  }
  return sameContent(event, recorded, event.timeless) ? { id: entry.id } : keyConflict(event, index)
}

function requireDraft(draft: unknown): void {
  if (typeof draft !== 'object' || draft === null || Array.isArray(draft))
    throw new TypeError('a draft is an object')
}
