import { statfs } from 'node:fs/promises'
import type { LocalTrail, TrailStatus } from 'annals'
import type { ApiKeys } from '../access/api-keys.ts'
import type { RunState, Schedule } from '../lifecycle/schedule.ts'
import type { LiveStreams } from '../live/live-streams.ts'
import { remembered } from '../metrics/remembered.ts'
import { type Health, judge, type Stage } from './stages.ts'
import { VERSION } from './version.ts'

/** How long a status is good, milliseconds: who watches often costs no more than who does not. */
const GOOD_MS = 1_000
/** How long the server says that it is not ready after an append failed, milliseconds. Then somebody must try, or nobody ever will. */
const NOT_READY_MS = 60_000

/** How a server is, in numbers. */
export interface StatusReport {
  readonly status: Health
  readonly stages: Readonly<Record<string, Stage>>
  readonly version: string
  /** ISO 8601 UTC. */
  readonly startedAt: string
  readonly log: TrailStatus
  /** Entries that cannot be searched yet. */
  readonly indexLag: number
  /** Live streams, subscriptions and sockets that are open. */
  readonly streams: number
  /** API keys that are valid. */
  readonly keys: number
  readonly disk?: { readonly free: number; readonly total: number }
  readonly runs: Readonly<Record<string, RunState>>
}

/** What a status is made from. */
export interface StatusSources {
  readonly trail: Pick<LocalTrail, 'status'>
  readonly dir: string
  readonly live: Pick<LiveStreams, 'open' | 'isStopping'>
  readonly keys: Pick<ApiKeys, 'list'>
  readonly schedule: Pick<Schedule, 'states'>
  /** @defaultValue Date.now */
  readonly now?: (() => number) | undefined
}

/** Tells how the server is. */
export class ServerStatus {
  readonly #from: StatusSources
  readonly #now: () => number
  readonly #startedAt: string
  /** How the log is; good for a second. */
  readonly trail: () => Promise<TrailStatus>

  constructor(from: StatusSources) {
    this.#from = from
    this.#now = from.now ?? Date.now
    this.#startedAt = new Date(this.#now()).toISOString()
    this.trail = remembered(() => from.trail.status(), GOOD_MS)
  }

  async report(): Promise<StatusReport> {
    const { dir, live, keys, schedule } = this.#from
    const [log, disk] = await Promise.all([this.trail(), spaceOf(dir)])
    const now = this.#now()
    const runs = schedule.states
    const { health, stages } = judge({ now, trail: log, stopping: live.isStopping, disk, runs })
    return {
      status: health,
      stages,
      version: VERSION,
      startedAt: this.#startedAt,
      log,
      indexLag: log.size - log.watermark,
      streams: live.open,
      keys: keys.list.filter(key => isValid(key, now)).length,
      ...(disk === undefined ? {} : { disk }),
      runs,
    }
  }

  /** Why the server should be sent nothing now; undefined when it should. */
  async notReady(): Promise<'stopping' | 'recording' | undefined> {
    if (this.#from.live.isStopping) return 'stopping'
    const { failure } = await this.trail()
    const isFresh = failure !== undefined && this.#now() - Date.parse(failure.at) < NOT_READY_MS
    return isFresh ? 'recording' : undefined
  }
}

function isValid(
  {
    revokedAt,
    expiresAt,
  }: { readonly revokedAt?: string | undefined; readonly expiresAt?: string | undefined },
  now: number,
): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now)
}

async function spaceOf(dir: string): Promise<{ free: number; total: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(dir)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    return undefined
  }
}
