import type { Store } from '../../log/store.ts'
import type { Draft } from '../../model/index.ts'
import { openMemory } from '../../stores/memory/index.ts'
import { sampleDrafts } from '../../testing/index.ts'
import { type OpenTrailOptions, openTrail } from '../../trail/open-trail.ts'
import type { Trail } from '../../trail/trail.ts'

/** When the first event of a test log is recorded. */
export const DAY_1: number = Date.UTC(2026, 2, 1, 10)
const DAY = 86_400_000

/** A trail with a clock that the test moves. */
export interface ClockedTrail {
  readonly trail: Trail
  readonly store: Store
  /** Goes on by so many milliseconds. */
  pass(ms: number): void
  now(): number
}

/** Opens a trail on a store, in memory unless told, whose days the test lets pass. */
export async function clockedTrail(options: OpenTrailOptions = {}, given?: Store): Promise<ClockedTrail> {
  const store = given ?? (await openMemory({ origin: 'example.com/archive' }))
  const head = await store.log.open()
  let time = Math.max(DAY_1, head.lastTime + 1)
  const clocks = { wall: () => time, mono: () => time }
  const trail = await openTrail({ store, clocks, ...options })
  return {
    trail,
    store,
    pass: ms => {
      time += ms
    },
    now: () => time,
  }
}

/** Drafts with persons in `who` and `what`, classes and an operator's note. */
export function personalDrafts(count: number, seed = 1): Draft[] {
  return [...sampleDrafts({ count, seed })].map((draft, i) =>
    i % 3 === 0
      ? {
          ...draft,
          actor: { type: 'user', id: `u${i % 5}`, name: `Zoë ${i % 5}` },
          targets: [{ type: 'user', id: `u${(i + 1) % 7}` }],
        }
      : draft,
  )
}

/** Records so many days of so many events each, and one event on the day after, so that all of them have ended. */
export async function recordDays(log: ClockedTrail, days: number, events: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    const classes = ['standard', 'security', 'personal', undefined]
    const drafts = personalDrafts(events, day + 1).map((draft, i) => {
      const retention = classes[i % classes.length]
      return retention === undefined ? draft : { ...draft, retention }
    })
    for (const answer of await log.trail.recordAll(drafts)) if ('error' in answer) throw answer.error
    log.pass(DAY)
  }
  await log.trail.record('day.after')
  await log.trail.flush()
}
