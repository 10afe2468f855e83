import type { EventEmitter } from 'node:events'
import type { ActionOf, Catalog, CatalogEntry, DraftArguments, DraftFor } from '../catalog/index.ts'
import type { Act, Progress } from '../lifecycle/act.ts'
import type { Measured, MetricName, MetricQuery, MetricStream, MetricsOptions } from '../measure/index.ts'
import type { Actor, AuditEvent, Draft } from '../model/index.ts'
import type { Policy } from '../policy/index.ts'
import type { GroupBy } from '../query/index.ts'
import type { Ambient } from '../record/ambient.ts'
import type { EventSource } from '../record/event-source.ts'
import type { Converters, ConvertersOf, Listening, ListenOptions } from '../record/listening.ts'
import type { Operation, Recorded, Refused } from '../record/recorded.ts'
import type { VerifyOptions, VerifyReport } from '../verify/report.ts'

/** A position: an event id, an instant (the first position recorded at or after it), or an index. */
export type Seek = string | Date | number

/** Oldest first or newest first; always by position. */
export type Order = 'asc' | 'desc'

/** What to read and in which order. */
export interface ReadOptions {
  /** First position, inclusive. An id that is not there is an error. */
  readonly seek?: Seek | undefined
  /** Last position, exclusive. */
  readonly seekEnd?: Seek | undefined
  /** @defaultValue `asc` for `events`, `desc` for `find` */
  readonly order?: Order | undefined
  /** Most events to return, 0 or more. @defaultValue no bound for `events`, 50 for `find` (at most 1,000) */
  readonly limit?: number | undefined
  /** Also the log's own events, which are hidden unless the query asks for them. @defaultValue false */
  readonly includeLog?: boolean | undefined
  /** Zone of times that name none, as IANA calls it. @defaultValue `UTC` */
  readonly timeZone?: string | undefined
  /** What `now` means in the query. @defaultValue the present */
  readonly now?: Date | undefined
  /** The log as it was when it had so many entries; an answer's `asOf` gives the same picture again. @defaultValue as it is now */
  readonly asOf?: number | undefined
}

/** Options of a replay that may go on live. */
export interface EventsOptions extends ReadOptions {
  /** After the stored events, wait for new ones. Ascending only. @defaultValue false */
  readonly follow?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Options of one page. */
export interface FindOptions extends ReadOptions {
  /** `next` or `previous` of another page; belongs to this query and order. */
  readonly cursor?: string | undefined
  /**
   * Where the page begins, instead of where the range does: the event with this id or position, or in this order the first match
   * that occurred at this time or beyond it. Pages go on from there in both directions.
   */
  readonly at?: Seek | undefined
  /** Whoever no longer waits for the answer ends the search; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Options of a count. */
export interface CountOptions extends Omit<ReadOptions, 'order' | 'limit'> {
  /** Stops once about so many records were read; the newest are read first. Kept counts cost nothing. @defaultValue no bound */
  readonly most?: number | undefined
  /** Counts by each of the fields alone, at the cost of one count, instead of by all of them together. @defaultValue false */
  readonly each?: boolean | undefined
  /** Whoever no longer waits for the answer ends the count; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** One page. */
export interface Found {
  readonly events: readonly AuditEvent[]
  /** Cursor of the page that follows; absent when there is none. */
  readonly next?: string
  /** Cursor of the page before; absent when there is none. */
  readonly previous?: string
  /** Size of the log that the walk is bound to: later pages show nothing recorded after it. */
  readonly asOf: number
  /** Everything below this position was searched. */
  readonly watermark: number
}

/** Counts of matching events. */
export interface Counts {
  readonly total: number
  /**
   * Largest count first, at most 10,000: those that were met first. A field that an event lacks has the value null; spans of time
   * have the name `span`.
   */
  readonly groups: readonly {
    readonly key: Readonly<Record<string, string | null>>
    readonly count: number
  }[]
  /** Events of further groups; absent when there are none. */
  readonly other?: number
  /** Whether every match was counted. */
  readonly complete: boolean
  /** First position that was counted, where counting stopped early. */
  readonly through?: number
  /** Size of the log that was counted. */
  readonly asOf: number
}

/** Options of a receipt. */
export interface ReceiptOptions {
  /**
   * Parts whose content goes with the receipt, each whole: names such as `who` and `what`, or `all` that are there.
   *
   * @defaultValue none
   */
  readonly disclose?: 'all' | readonly string[] | undefined
}

/** Options of an act. */
export interface PerformOptions {
  readonly onProgress?: Progress | undefined
  /** Who asks: what the act records names them where it would else name the log itself. */
  readonly actor?: Actor | undefined
}

/** A replay, live when asked; ending the iteration frees it at once. */
export interface EventStream extends AsyncIterable<AuditEvent> {
  [Symbol.asyncIterator](): AsyncIterableIterator<AuditEvent>
  /** The same events as a WebStream; cancelling it frees the reader. */
  toStream(): ReadableStream<AuditEvent>
}

/** A line of the catalog. */
export interface CatalogListing extends CatalogEntry {
  /** Events with this action: among those that were counted, where `most` was given. */
  readonly events: number
  /** Whether the action has an event type; without one it can only be in an open catalog. */
  readonly declared: boolean
}

/** The reading half of a trail: also what a second process gets. */
export interface TrailReader extends AsyncDisposable {
  /** Replays matching events, then follows live when asked. `query` is text of the query language; empty means everything. */
  events(query?: string, options?: EventsOptions): EventStream
  /** One page of matching events, newest first unless told. */
  find(query?: string, options?: FindOptions): Promise<Found>
  /** Counts matching events by fields such as `action`, `outcome`, `actor`, `hour`, or by spans of time. */
  count(query?: string, by?: readonly GroupBy[], options?: CountOptions): Promise<Counts>
  /**
   * Measures the operations in a window: `operations`, `rate`, `failureRatio`, `actors`, `targets`, `duration`, `rolling`, or
   * `summary`. Counts are kept as events are recorded, so it costs the same however long the log is. An attempt and its
   * outcome are one operation.
   *
   * @throws AnnalsError ANNALS_INVALID for a metric or a window that is none; ANNALS_DENIED for one that the reader may not see
   * @example
   * ```ts
   * const { value } = await trail.metric('rate', { topic: 'machine', last: 3_600_000, per: 'minute' })
   * ```
   */
  metric<N extends MetricName>(name: N, window?: MetricQuery<N>): Promise<Measured<N>>
  /**
   * The same as a stream: as it is now, then whenever it has changed, at most once in `everyMs`. Ending the iteration frees it at once.
   *
   * @throws AnnalsError as `metric`; TypeError for options that no stream can have
   */
  metrics<N extends MetricName>(name: N, window?: MetricQuery<N>, options?: MetricsOptions): MetricStream<N>
  /** The event with this id or position, if there is one. */
  get(at: string | number): Promise<AuditEvent | undefined>
  /**
   * Portable proof of one event: C2SP tlog-proof text. It discloses nothing of the event's content unless told.
   *
   * @throws AnnalsError ANNALS_NOT_FOUND for no such event, or a part that was erased; ANNALS_INVALID for a part it does not
   *   have; ANNALS_KEYS when parts are to be disclosed and the keys are not there
   */
  receipt(at: string | number, options?: ReceiptOptions): Promise<string>
  /** Latest signed checkpoint, as the bytes of a C2SP signed note; undefined before the first. */
  checkpoint(): Promise<Uint8Array | undefined>
  /** The event types of the log's catalog, and every other action that occurs, with the number of its events. */
  catalog(options?: Pick<CountOptions, 'most' | 'signal'>): Promise<readonly CatalogListing[]>
  /** Checks everything that can be checked; never writes. */
  verify(options?: VerifyOptions): Promise<VerifyReport>
  /** Entries in the log that are durable and readable here. */
  readonly size: number
  /** One line for people about an event, from the catalog's template or a generic one. Total: never throws. */
  describe(event: AuditEvent): string
  close(): Promise<void>
}

/** The writing half of a trail. One process at a time holds it. */
export interface Trail<C extends Catalog = Catalog> extends TrailReader {
  /** What decides what is recorded and masks it; undefined when everything is recorded as it is given. */
  readonly capture: Policy | undefined
  /**
   * Records one event; settles once, when it is durable, or with the reason why it is not stored.
   *
   * @throws AnnalsError ANNALS_INVALID, ANNALS_UNKNOWN_ACTION, ANNALS_LIMIT, ANNALS_CONFLICT, ANNALS_OVERLOADED, ANNALS_TIMEOUT, ANNALS_STORE …
   * @example
   * ```ts
   * await trail.record('machine.delete', { actor: { type: 'user', id: 'u1' }, targets: [{ type: 'machine', id: 'web-3' }] })
   * ```
   */
  record<A extends ActionOf<C>>(action: A, ...draft: DraftArguments<C, A>): Promise<Recorded>
  /** Records many in order with one promise; each is answered in its place. */
  recordAll(drafts: readonly Draft[]): Promise<(Recorded | Refused)[]>
  /** Stores an attempt; the action may start when this resolves. */
  begin<A extends ActionOf<C>>(action: A, ...draft: DraftArguments<C, A>): Promise<Operation>
  /** Attempt, work, outcome with duration and error; returns what the work returns, throws what it throws. */
  wrap<A extends ActionOf<C>, R>(
    action: A,
    draft: DraftFor<C, A>,
    work: (operation: Operation) => R | Promise<R>,
  ): Promise<R>
  /** Everything recorded inside `work` inherits these fields. */
  within<R>(ambient: Ambient, work: () => R): R
  /**
   * Records what the converters make of the events of a source: an EventTarget, an EventEmitter, or an Observable (`next`, `error`,
   * `complete`). The order of the events is kept. What fails is reported and counted; the source is never told. Closing the trail
   * ends it, and waits for what was heard.
   *
   * @throws TypeError for what is no source or no converter; AnnalsError ANNALS_CLOSED
   * @example
   * ```ts
   * using listening = trail.listen(jobs, {
   *   failed: (job: Job) => ({ action: 'job.run', outcome: 'failure', targets: [{ type: 'job', id: job.id }] }),
   * })
   * ```
   */
  listen<Events extends Record<keyof Events, unknown[]>>(
    source: EventEmitter<Events>,
    converters: ConvertersOf<Events>,
    options?: ListenOptions,
  ): Listening
  listen(source: EventSource, converters: Converters, options?: ListenOptions): Listening
  /**
   * Performs a lifecycle act: erase, hold, retention, archive and so on (`annals/lifecycle`). Acts run one after the other.
   *
   * @throws AnnalsError ANNALS_INVALID for a request that is not one, and what the act throws
   */
  perform<Request, Result>(
    act: Act<Request, Result>,
    request: Request,
    options?: PerformOptions,
  ): Promise<Result>
  /**
   * Resolves when everything recorded so far is durable and covered by a signed checkpoint; with `witnessed`, by one that
   * enough witnesses of the policy have cosigned, however long that takes.
   *
   * @throws AnnalsError ANNALS_UNSUPPORTED for `witnessed` when the log has no witnesses
   */
  flush(options?: { readonly level?: 'proved' | 'witnessed' }): Promise<void>
}
