import type { LocalTrail } from 'annals'
import { archive, retentionRun } from 'annals/lifecycle'
import { archiveRequestOf } from '../settings/archive-setting.ts'
import type { Settings } from '../settings/settings.ts'
import type { Task } from './schedule.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What the settings say is to be done again and again. */
export function tasksOf(trail: Pick<LocalTrail, 'perform'>, settings: Settings): readonly Task[] {
  const tasks: Task[] = []
  if (settings.retention.schedule === 'daily') {
    const { at } = settings.retention
    tasks.push({
      name: 'retention',
      next: after => nextAt(at, after),
      async run() {
        const { entries, held, removals, failed } = await trail.perform(retentionRun, {})
        return {
          counts: { entries, held, removals: removals.length, failed: failed.length },
          complete: failed.length === 0,
        }
      },
    })
  }
  const setting = settings.archive
  if (setting !== undefined) {
    tasks.push({
      name: 'archive',
      next: after => after + setting.everyMinutes * MINUTE_MS,
      async run() {
        const { archived, dropped, held, failed } = await trail.perform(archive, archiveRequestOf(setting))
        return {
          counts: {
            archived: archived.length,
            dropped: dropped.length,
            held: held.length,
            failed: failed.length,
          },
          complete: failed.length === 0,
        }
      },
    })
  }
  return tasks
}

/**
 * First instant after another, both ms since the epoch, at which it is this time of day, UTC.
 *
 * @param at `02:00`
 */
export function nextAt(at: string, after: number): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const today = Math.floor(after / DAY_MS) * DAY_MS + (hours * 60 + minutes) * MINUTE_MS
  return today > after ? today : today + DAY_MS
}
