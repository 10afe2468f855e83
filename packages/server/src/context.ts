import type { LocalTrail } from 'annals'
import type { Logger } from 'pino'
import type { Access } from './access/open-access.ts'
import type { ReadingRecord } from './access/reading-record.ts'
import type { Gaps } from './gaps/gaps.ts'
import type { Acts } from './lifecycle/acts.ts'
import type { LiveStreams } from './live/live-streams.ts'
import type { CallRate } from './live/rpc/call-rate.ts'
import type { Sockets } from './live/rpc/sockets.ts'
import type { ServerMetrics } from './metrics/server-metrics.ts'
import type { Settings } from './settings/settings.ts'
import type { ServerStatus } from './status/server-status.ts'

/** What every route works with. */
export interface ServerContext extends Access {
  readonly trail: LocalTrail
  readonly settings: Settings
  /** What outlives a request. */
  readonly live: LiveStreams
  /** Makes WebSockets of connections. */
  readonly sockets: Sockets
  /** Bounds what is called on them. */
  readonly calls: CallRate
  /** Records who read what of others. */
  readonly reading: ReadingRecord
  /** Never given event content. */
  readonly log: Logger
  /** Where events may be missing. */
  readonly gaps: Gaps
  readonly metrics: ServerMetrics
  /** Lets principals do something to the log as a whole. */
  readonly acts: Acts
  readonly status: ServerStatus
  /** The OpenAPI document, JSON. */
  readonly document: string
}
