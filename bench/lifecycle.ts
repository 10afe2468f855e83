/**
 * Sealing, archiving, verifying an archive, erasing a person with 10,000 events, and dropping a chunk; with what the first two do
 * to record() meanwhile. The argument is the number of events of the chunk.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Draft, openTrail, type Trail, verifyArchive } from 'annals'
import { archive, erase, seal } from 'annals/lifecycle'
import { sampleDrafts } from 'annals/testing'
import { inDirectory, machine, residentMiB, short, spread, table } from './measure.ts'

const EVENTS = Number(process.argv[2] ?? 1_000_000)
const PERSON_EVENTS = 10_000
/** Events per second while sealing and archiving go on. */
const RATE = Number(process.env['RATE'] ?? 1_000)
const DAY = 86_400_000
const person = { type: 'user', id: 'subject-of-erasure' }
const ring: readonly Draft[] = [...sampleDrafts({ count: 20_000 })]
const jsonBytes = Buffer.byteLength(JSON.stringify(ring)) / ring.length

console.log(
  `# Lifecycle of a chunk\n\n${machine()}. ${short(EVENTS)} events of ${Math.round(jsonBytes)} bytes as JSON.\n`,
)
await inDirectory(async dir => {
  const log = join(dir, 'log')
  let now = Date.UTC(2026, 0, 1, 1)
  const open = (): Promise<Trail> =>
    openTrail({ dir: log, sealing: 'manual', clocks: { wall: () => now } }) as Promise<Trail>

  let trail = await open()
  await fill(trail)
  await trail.close()
  now += DAY
  trail = await open()
  await trail.record('bench.next.chunk')
  await trail.flush()
  const chunk = join(log, 'chunks', '2026-01-01')
  const tiles = (bytesOf(join(log, 'tile')) * EVENTS) / trail.size
  const hot = bytesOf(chunk, '.seg')
  const rows: (string | number)[][] = []
  const latencies: (string | number)[][] = []

  latencies.push(['nothing', ...(await recordFor(trail, delay(10_000))).cells])
  const sealing = await timed(trail, trail.perform(seal, {}))
  latencies.push(['sealing', ...sealing.cells])
  rows.push(['seal', short(sealing.seconds), short(EVENTS / sealing.seconds)])

  const target = { kind: 'directory', dir: join(dir, 'archive') } as const
  const archiving = await timed(trail, trail.perform(archive, { archive: target }))
  latencies.push(['archiving', ...archiving.cells])
  rows.push([
    'archive to a directory, read back and verified',
    short(archiving.seconds),
    short(EVENTS / archiving.seconds),
  ])

  const before = residentMiB()
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, residentMiB())
  }, 50)
  const begun = performance.now()
  const vkey = readFileSync(join(log, 'vkey'), 'utf8').trim()
  const report = await verifyArchive({ archive: target, vkey, keys: log })
  const verifying = (performance.now() - begun) / 1000
  clearInterval(watch)
  if (!report.ok) throw new Error(JSON.stringify(report.findings.slice(0, 5)))
  rows.push(['verify the archive with its content', short(verifying), short(EVENTS / verifying)])

  const planned = await timed(
    trail,
    trail.perform(erase, { persons: [person], basis: 'bench', dryRun: true }),
  )
  rows.push(['find all of a person among them', short(planned.seconds), short(EVENTS / planned.seconds)])
  const erasing = await timed(trail, trail.perform(erase, { persons: [person], basis: 'bench' }))
  rows.push([
    `erase that person (${PERSON_EVENTS.toLocaleString('en-US')} events)`,
    short(erasing.seconds),
    short(PERSON_EVENTS / erasing.seconds),
  ])

  const sealed = { segments: bytesOf(chunk, '.sealed'), index: bytesOf(chunk, '.idx') }
  const archived = bytesOf(target.dir)
  // A clock that jumps is believed at an opening only.
  await trail.close()
  now += 40 * DAY
  trail = await open()
  const dropping = await timed(trail, trail.perform(archive, { archive: target, dropAfter: 30 * 86_400 }))
  rows.push([
    'drop the chunk, its copy looked at again first',
    short(dropping.seconds),
    short(EVENTS / dropping.seconds),
  ])
  await trail.close()

  const per = (bytes: number): number => Math.round(bytes / EVENTS)
  console.log(table(['act', 's', 'events/s'], rows))
  console.log(`\nrecord() at ${RATE.toLocaleString('en-US')}/s meanwhile, ms:\n`)
  console.log(table(['while', 'p50', 'p99'], latencies))
  console.log(`\nBytes per event:\n`)
  console.log(
    table(
      ['', 'events', 'index', 'tiles', 'total'],
      [
        ['hot', per(hot), per(sealed.index), per(tiles), per(hot + sealed.index + tiles)],
        [
          'sealed',
          per(sealed.segments),
          per(sealed.index),
          per(tiles),
          per(sealed.segments + sealed.index + tiles),
        ],
        ['archived', per(archived), '', '', per(archived)],
      ],
    ),
  )
  console.log(
    `\nMemory of the process while the archive was verified: ${short(most)} MiB, before ${short(before)} MiB.`,
  )
})

async function fill(trail: Trail): Promise<void> {
  const every = Math.floor(EVENTS / PERSON_EVENTS)
  for (let at = 0; at < EVENTS; at += 1_000) {
    const drafts = Array.from({ length: Math.min(1_000, EVENTS - at) }, (_, i) => {
      const draft = ring[(at + i) % ring.length] as Draft
      return (at + i) % every === 0 ? { ...draft, actor: person } : draft
    })
    for (const answer of await trail.recordAll(drafts)) if ('error' in answer) throw answer.error
  }
}

interface Measured {
  readonly seconds: number
  readonly cells: readonly string[]
}

async function timed(trail: Trail, act: Promise<unknown>): Promise<Measured> {
  const begun = performance.now()
  let seconds = 0
  const measured = await recordFor(
    trail,
    act.then(() => {
      seconds = (performance.now() - begun) / 1000
    }),
  )
  return { seconds, cells: measured.cells }
}

/** Records at an even rate until something has ended; latency counts from when an event was due. */
async function recordFor(trail: Trail, until: Promise<unknown>): Promise<Measured> {
  const latencies: number[] = []
  const waiting: Promise<void>[] = []
  let ended = false
  const done = until.finally(() => {
    ended = true
  })
  const begun = performance.now()
  for (let sent = 0; !ended; ) {
    const due = begun + (sent * 1_000) / RATE
    const wait = due - performance.now()
    if (wait > 0) {
      await delay(wait)
      continue
    }
    const draft = ring[sent++ % ring.length] as Draft
    waiting.push(
      trail.record(draft.action, draft).then(() => {
        latencies.push(performance.now() - due)
      }),
    )
  }
  await done
  await Promise.all(waiting)
  const { p50, p99 } = spread(Float64Array.from(latencies))
  return { seconds: (performance.now() - begun) / 1000, cells: [short(p50), short(p99)] }
}

function bytesOf(dir: string, ending = ''): number {
  let bytes = 0
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const { size, isFile } = describe(join(dir, name))
    if (isFile && name.endsWith(ending)) bytes += size
  }
  return bytes
}

function describe(path: string): { readonly size: number; readonly isFile: boolean } {
  const stat = statSync(path)
  return { size: stat.size, isFile: stat.isFile() }
}
