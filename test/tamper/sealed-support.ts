import { join } from 'node:path'
import { catalog, defineEvent } from '../../packages/annals/src/catalog/index.ts'
import { clocksAt, type MovedClocks } from '../../packages/annals/src/lifecycle/clocked.test-support.ts'
import { retentionRun } from '../../packages/annals/src/lifecycle/retention-acts.ts'
import { seal } from '../../packages/annals/src/lifecycle/seal.ts'
import { openEmbedded } from '../../packages/annals/src/stores/embedded/index.ts'
import { openTrail } from '../../packages/annals/src/trail/open-trail.ts'
import type { Trail } from '../../packages/annals/src/trail/trail.ts'
import { temporary } from './support.ts'

/** `door.open` is of the class standard, `door.note` of personal. */
export const DOORS = catalog([
  defineEvent('door.open', {}),
  defineEvent('door.note', { retention: 'personal' }),
])

/** A log of hourly chunks whose time stands still until it is moved. */
export interface ClockedLog {
  readonly dir: string
  readonly clocks: MovedClocks
  /** Opens it; the caller closes it. */
  open(): Promise<Trail>
}

/** A log in a directory of its own that begins at an instant. */
export function clockedLog(
  start = '2026-01-05T10:10:00Z',
  dir: string = temporary(),
  segment = 100,
): ClockedLog {
  const clocks = clocksAt(start)
  return {
    dir,
    clocks,
    async open() {
      const store = await openEmbedded({
        dir,
        origin: 'example.com/doors',
        period: 'hour',
        segments: { events: segment },
        clock: clocks.wall,
      })
      return await openTrail({ store, clocks, catalog: DOORS, sealing: 'manual' })
    },
  }
}

/** Records events of two persons, every third of them personal, a second apart. */
export async function recordDoors({ clocks }: ClockedLog, trail: Trail, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await trail.recordAll([
      {
        action: i % 3 === 2 ? 'door.note' : 'door.open',
        actor: { type: 'user', id: i % 2 === 0 ? 'ann' : 'bob' },
        targets: [{ type: 'door', id: `d${i}` }],
        data: { n: i },
      },
    ])
    clocks.by(1_000)
  }
}

/** Goes on to the next hour. */
export function nextHour({ clocks }: ClockedLog): void {
  clocks.to(new Date(Math.floor(clocks.wall() / 3_600_000 + 1) * 3_600_000).toISOString())
}

/** A closed log of so many sealed chunks of so many events each, and an open one. */
export async function sealedLog(chunks = 3, count = 12, dir: string = temporary()): Promise<ClockedLog> {
  const log = clockedLog(undefined, dir)
  const trail = await log.open()
  for (let n = 0; n <= chunks; n++) {
    await recordDoors(log, trail, count)
    if (n < chunks) nextHour(log)
  }
  await trail.perform(seal, {})
  await trail.close()
  return log
}

/** Lets so many days pass and runs retention; the log is closed then. */
export async function expireAfter(log: ClockedLog, days: number): Promise<void> {
  log.clocks.by(days * 86_400_000)
  const trail = await log.open()
  await trail.perform(retentionRun, {})
  await trail.close()
}

/** Directory of a chunk of the day that {@link clockedLog} begins at. */
export function chunkOf(dir: string, hour: number): string {
  return join(dir, 'chunks', `2026-01-05_${String(hour).padStart(2, '0')}`)
}
