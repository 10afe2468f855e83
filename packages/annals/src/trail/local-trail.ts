import type { Catalog } from '../catalog/index.ts'
import type { BatchReader } from '../follow/event-reader.ts'
import type { Draft } from '../model/index.ts'
import type { Scope } from '../query/index.ts'
import type { Recorded } from '../record/recorded.ts'
import type { ConsistencyProof } from './prove-growth.ts'
import type { EventStream, EventsOptions, Trail, TrailReader } from './trail.ts'
import type { TrailStatus } from './trail-status.ts'

/** Events of the log itself that its keepers record: who read it, and what was changed about access, policy and recording. */
export type KeeperAction = 'log.access' | 'log.token' | 'log.policy' | 'log.pause' | 'log.resume'

/** Every action that {@link LocalTrail.recordKeeping} takes. */
export const KEEPER_ACTIONS: readonly KeeperAction[] = [
  'log.access',
  'log.token',
  'log.policy',
  'log.pause',
  'log.resume',
]

/** A replay, live when asked, that can also be read several events at a time. */
export interface LocalEventStream extends EventStream {
  /**
   * Opens a reader that gives events several at a time. It resolves, live too, as soon as query and bounds are known to be good.
   * End it when it is not read to its end.
   *
   * @throws AnnalsError for bounds that are none
   * @example
   * ```ts
   * const reader = await trail.events('topic:machine', { follow: true }).open()
   * const events = await reader.nextBatch(64)
   * ```
   */
  open(): Promise<BatchReader>
}

/** A reader in the process that holds the log. */
export interface LocalReader extends TrailReader {
  events(query?: string, options?: EventsOptions): LocalEventStream
  /**
   * Whether events that the reader may see can have this topic, or one below it, by what the catalog says: everything can while
   * the catalog is open.
   */
  declaresTopic(path: string): boolean
}

/** A trail in the process that holds its log. */
export interface LocalTrail<C extends Catalog = Catalog> extends Trail<C> {
  events(query?: string, options?: EventsOptions): LocalEventStream
  /** Live readers that wait for news now, in every part of the process. */
  readonly listeners: number
  /** Bytes of the events that wait in the spool of this machine. */
  readonly spooledBytes: number
  /**
   * The trail as one with this scope may see it. It opens nothing of its own, so one a request is cheap; closing it ends its
   * readers, and it ends with the trail.
   *
   * @throws AnnalsError ANNALS_INVALID or ANNALS_QUERY for a scope that is not one
   * @example
   * ```ts
   * const me = { type: 'user', id: 'u1' }
   * const seen = trail.restrict({ filter: 'actor:me', level: 'owner', masks: [], me })
   * ```
   */
  restrict(scope: Scope): LocalReader
  /**
   * Records what the keeper of the log did with it, as an event of the log itself: nobody else can record under `log`.
   *
   * @throws TypeError for another action; AnnalsError as `record`
   */
  recordKeeping(action: KeeperAction, draft: Omit<Draft, 'action'>): Promise<Recorded>
  /**
   * A tile, or a bundle of entries, at its path of C2SP tlog-tiles, within the tree of the latest checkpoint. Entries hold no
   * personal data, but of every event its action and outcome. A full tile never changes; a bundle goes when an entry in it does.
   *
   * @throws AnnalsError ANNALS_NOT_FOUND for what is not there
   * @example
   * ```ts
   * const hashes = await trail.tile('tile/0/000.p/12')
   * ```
   */
  tile(path: string): Promise<Uint8Array>
  /**
   * Proves that the log of `to` entries extends that of its first `from`.
   *
   * @param to the size of the latest checkpoint unless told
   * @throws AnnalsError ANNALS_INVALID for sizes that are none, ANNALS_NOT_FOUND for what no checkpoint covers yet
   */
  consistency(from: number, to?: number): Promise<ConsistencyProof>
  /** How the log is, in numbers. It waits for no act that is under way. */
  status(): Promise<TrailStatus>
}
