import { AnnalsError, type Draft } from '../model/index.ts'
import { type EventSource, subscribeTo } from './event-source.ts'
import type { Recorded, Refused } from './recorded.ts'
import { toAnnalsError } from './to-annals-error.ts'

/** What is recorded of an event, which comes as the source gives it; undefined for nothing. */
export type Convert = {
  // A method, so that a converter may say what events it expects.
  convert(...event: unknown[]): Draft | readonly Draft[] | undefined
}['convert']

/** What to record of an emitter whose events are known by type, by the name of the event. */
export type ConvertersOf<Events> = {
  readonly [Name in keyof Events]?: Events[Name] extends readonly unknown[]
    ? (...event: Events[Name]) => Draft | readonly Draft[] | undefined
    : never
}

/** What to record, by the name of the event. An observable has `next`, `error` and `complete`. */
export type Converters = Readonly<Record<string, Convert>>

/** Options of `listen`. */
export interface ListenOptions {
  /** Drafts that may wait to be stored; those of further events are dropped. @defaultValue 1024 */
  readonly maxInFlight?: number | undefined
  /** Told of converters that throw, of drafts that are refused, and of the first event of each run that is dropped. @defaultValue that of the trail */
  readonly onError?: ((error: Error) => void) | undefined
}

/** A source that is listened to. */
export interface Listening extends Disposable, AsyncDisposable {
  /** Events stored so far. */
  readonly recorded: number
  /** Events that could not be converted, and drafts that were refused or could not be stored. */
  readonly failed: number
  /** Drafts let go of, because too many waited or by the policy. */
  readonly dropped: number
  /** Removes the listeners; resolves when what was heard is stored or refused. */
  close(): Promise<void>
}

/** How a trail records what is heard; never rejects for a draft. */
export type RecordAll = (drafts: readonly Draft[]) => Promise<(Recorded | Refused)[]>

const MOST_IN_FLIGHT = 1_024

/** What a trail listens to. */
export class Listeners {
  readonly #recordAll: RecordAll
  readonly #report: (error: Error) => void
  readonly #open = new Set<SourceListening>()
  #closed = false

  constructor(recordAll: RecordAll, report: (error: Error) => void) {
    this.#recordAll = recordAll
    this.#report = report
  }

  /** @throws TypeError for arguments that are none; AnnalsError ANNALS_CLOSED */
  listen(source: EventSource, converters: Converters, options: ListenOptions = {}): Listening {
    if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
    const { maxInFlight = MOST_IN_FLIGHT, onError } = options
    if (!Number.isSafeInteger(maxInFlight) || maxInFlight < 1)
      throw new TypeError(`listen: maxInFlight ${maxInFlight}: a whole number from 1`)
    const named = new Map(Object.entries(converters))
    if (named.size === 0) throw new TypeError('listen: no event is named')
    for (const [name, convert] of named)
      if (typeof convert !== 'function')
        throw new TypeError(`listen: ${JSON.stringify(name)} has no converter`)
    const listening = new SourceListening(this.#recordAll, maxInFlight, guarded(onError, this.#report), () =>
      this.#open.delete(listening),
    )
    listening.start(source, named)
    this.#open.add(listening)
    return listening
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open].map(one => one.close()))
  }
}

class SourceListening implements Listening {
  recorded = 0
  failed = 0
  dropped = 0
  readonly #recordAll: RecordAll
  readonly #maxInFlight: number
  readonly #report: (error: Error) => void
  readonly #onClosed: () => void
  readonly #waiting = new Set<Promise<void>>()
  #inFlight = 0
  #isDropping = false
  #isClosed = false
  #end: (() => void) | undefined

  constructor(
    recordAll: RecordAll,
    maxInFlight: number,
    report: (error: Error) => void,
    onClosed: () => void,
  ) {
    this.#recordAll = recordAll
    this.#maxInFlight = maxInFlight
    this.#report = report
    this.#onClosed = onClosed
  }

  start(source: EventSource, converters: ReadonlyMap<string, Convert>): void {
    this.#end = subscribeTo(source, [...converters.keys()], (name, event) => {
      if (!this.#isClosed) this.#hear(name, event, converters.get(name))
    })
  }

  async close(): Promise<void> {
    this[Symbol.dispose]()
    await this.#settled()
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      this.#end?.()
    } catch (error) {
      this.#report(toAnnalsError(error))
    }
    void this.#settled().then(this.#onClosed)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #settled(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.all(this.#waiting)
  }

  /** Total: whoever emits must not be told of what becomes of it here. */
  #hear(name: string, event: readonly unknown[], convert: Convert | undefined): void {
    // An observable that fails is over, whether or not a converter asks for it.
    if (convert === undefined) {
      if (name === 'error')
        this.#fail(new Error('The observable that is listened to failed.', { cause: event[0] }))
      return
    }
    try {
      const made = convert(...event)
      if (made === undefined) return
      if (isThenable(made)) {
        // Nobody else waits for it: its rejection would end the process.
        Promise.resolve(made).catch(() => {})
        throw new TypeError(
          `The converter of ${name} gave a promise: events keep their order, so it answers at once.`,
        )
      }
      this.#record(Array.isArray(made) ? made : [made as Draft])
    } catch (error) {
      this.#fail(
        error instanceof Error ? error : new Error(`The converter of ${name} threw ${String(error)}`),
      )
    }
  }

  #record(drafts: readonly Draft[]): void {
    if (drafts.length === 0) return
    if (this.#inFlight + drafts.length > this.#maxInFlight) {
      this.dropped += drafts.length
      if (!this.#isDropping) this.#report(tooMany(this.#maxInFlight))
      this.#isDropping = true
      return
    }
    this.#isDropping = false
    this.#inFlight += drafts.length
    const stored = this.#recordAll(drafts)
      .then(answers => this.#count(answers))
      .catch((error: unknown) => this.#fail(toAnnalsError(error), drafts.length))
      .finally(() => {
        this.#inFlight -= drafts.length
        this.#waiting.delete(stored)
      })
    this.#waiting.add(stored)
  }

  #count(answers: readonly (Recorded | Refused)[]): void {
    for (const answer of answers) {
      if ('error' in answer) this.#fail(answer.error)
      else if (answer.level === 'dropped') this.dropped++
      else if (answer.level !== 'none') this.recorded++
    }
  }

  #fail(error: Error, count = 1): void {
    this.failed += count
    this.#report(error)
  }
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null)?.then === 'function'
}

function tooMany(most: number): AnnalsError {
  return new AnnalsError(
    'ANNALS_OVERLOADED',
    `${most} events that were heard wait to be stored; more are dropped.`,
    {
      hint: 'Raise maxInFlight, or convert fewer events.',
    },
  )
}

/** A handler of errors that throws is an error of its own. */
function guarded(
  onError: ((error: Error) => void) | undefined,
  report: (error: Error) => void,
): (error: Error) => void {
  if (onError === undefined) return report
  return error => {
    try {
      onError(error)
    } catch (thrown) {
      report(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
  }
}
