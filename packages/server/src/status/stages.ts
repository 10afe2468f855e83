import type { TrailStatus } from 'annals'
import type { RunState } from '../lifecycle/schedule.ts'

/** How well something is: `degraded` works and needs a look; `unhealthy` does not do what it is for. */
export type Health = 'healthy' | 'degraded' | 'unhealthy'

/** A part of the server that can be well or not. */
export interface Stage {
  readonly health: Health
  /** Why it is not healthy, a word. */
  readonly reason?: string
}

/** What stages are judged by. */
export interface Facts {
  readonly now: number
  readonly trail: TrailStatus
  readonly stopping: boolean
  /** Bytes left where the log lies, and in all; undefined when that cannot be told. */
  readonly disk: { readonly free: number; readonly total: number } | undefined
  readonly runs: Readonly<Record<string, RunState>>
}

/** Share and bytes of the disk below which somebody should look, and below which recording is about to fail. */
const LOW = { share: 0.1, bytes: 5 * 1024 ** 3 }
const LAST_BYTES = 64 * 1024 ** 2
/** A checkpoint is signed every hour although nothing happens: an older one says that something is wrong. Milliseconds. */
const OLD_CHECKPOINT_MS = 2 * 3_600_000
/** How many entries without a checkpoint over them are too many; one follows every second. */
const BEHIND = 1_000_000
/** How late a run may begin, milliseconds. */
const LATE_MS = 10 * 60_000

const HEALTHY: Stage = { health: 'healthy' }

/** Every stage, and the worst of them. */
export function judge(facts: Facts): {
  readonly health: Health
  readonly stages: Readonly<Record<string, Stage>>
} {
  const stages: Record<string, Stage> = {
    recording: recording(facts),
    checkpoints: checkpoints(facts),
    index: index(facts),
    disk: disk(facts),
  }
  for (const [name, state] of Object.entries(facts.runs)) stages[name] = run(state, facts.now)
  const all = Object.values(stages).map(stage => stage.health)
  const health = (['unhealthy', 'degraded'] as const).find(one => all.includes(one)) ?? 'healthy'
  return { health, stages }
}

function recording({ trail, stopping }: Facts): Stage {
  if (stopping) return { health: 'unhealthy', reason: 'stopping' }
  return trail.failure === undefined ? HEALTHY : { health: 'unhealthy', reason: trail.failure.code }
}

function checkpoints({ trail, now }: Facts): Stage {
  const { checkpoint, size } = trail
  if (size === 0) return HEALTHY
  if (checkpoint === undefined) return { health: 'degraded', reason: 'none' }
  if (size - checkpoint.size > BEHIND) return { health: 'degraded', reason: 'behind' }
  const isOld = checkpoint.at !== undefined && now - Date.parse(checkpoint.at) > OLD_CHECKPOINT_MS
  return isOld ? { health: 'degraded', reason: 'old' } : HEALTHY
}

function index({ trail }: Facts): Stage {
  return trail.size - trail.watermark > BEHIND ? { health: 'degraded', reason: 'behind' } : HEALTHY
}

function disk({ disk: space }: Facts): Stage {
  if (space === undefined) return HEALTHY
  if (space.free < LAST_BYTES) return { health: 'unhealthy', reason: 'full' }
  const isLow = space.free < LOW.bytes && space.free < space.total * LOW.share
  return isLow ? { health: 'degraded', reason: 'low' } : HEALTHY
}

function run({ running, next, last }: RunState, now: number): Stage {
  if (last !== undefined && last.outcome !== 'done') return { health: 'degraded', reason: last.outcome }
  return !running && now - Date.parse(next) > LATE_MS ? { health: 'degraded', reason: 'late' } : HEALTHY
}
