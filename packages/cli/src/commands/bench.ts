import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Trail } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { countOf } from '../flags/limit.ts'
import type { Host } from '../host.ts'
import { createLatencies, type Latencies } from '../measure/latencies.ts'
import { grouped } from '../output/progress.ts'
import { jsonLine } from '../output/write-json.ts'

interface BenchFlags {
  readonly events?: string
  readonly seconds?: string
  readonly writers?: string
}

const EVENTS = 20_000
const WRITERS = 256
const QUERY = 'outcome:denied'

/** `annals bench`: how fast this machine records, verifies and finds. */
export function configure(command: Command, host: Host): void {
  command
    .option('--events <n>', `how many events to record (default ${EVENTS})`)
    .option('--seconds <n>', 'stop recording after so long')
    .option('--writers <n>', `records that wait at the same time (default ${WRITERS})`)
  command.addHelpText(
    'after',
    '\nRecords made-up events in a temporary directory, each durable before it counts, and removes it.',
  )
  command.action(async (flags: BenchFlags) => host.run(command, async context => bench(context, flags)))
}

interface Figures {
  readonly events: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly verifyMs: number
  readonly findMs: number
  readonly found: number
}

async function bench(context: Context, flags: BenchFlags): Promise<ExitCode> {
  const events = flags.events === undefined ? EVENTS : countOf('--events', flags.events)
  const seconds = flags.seconds === undefined ? Number.POSITIVE_INFINITY : countOf('--seconds', flags.seconds)
  const writers = Math.max(1, flags.writers === undefined ? WRITERS : countOf('--writers', flags.writers))
  const { openTrail } = await import('annals')
  const dir = await mkdtemp(join(tmpdir(), 'annals-bench-'))
  try {
    const trail = await openTrail({ dir, origin: 'annals.local/bench' })
    try {
      await show(context, await measured(context, trail, { events, seconds, writers }))
    } finally {
      await trail.close()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  return endOf(context)
}

async function measured(
  { output, signal }: Context,
  trail: Trail,
  {
    events,
    seconds,
    writers,
  }: { readonly events: number; readonly seconds: number; readonly writers: number },
): Promise<Figures> {
  const { sampleDrafts } = await import('annals/testing')
  const drafts = sampleDrafts({ count: events })
  const latencies = createLatencies()
  const progress = output.progress('bench', 'events', events)
  const started = performance.now()
  const deadline = started + seconds * 1000
  const writer = async (): Promise<void> => {
    for (const { action, ...draft } of drafts) {
      const from = performance.now()
      await trail.record(action, draft)
      const to = performance.now()
      latencies.add(to - from)
      progress.update(latencies.count)
      if (to >= deadline || signal.aborted) return
    }
  }
  // The writers share one iterator: each takes the next draft.
  await Promise.all(Array.from({ length: writers }, writer))
  const recordMs = performance.now() - started
  progress.end()
  return { ...summary(latencies, recordMs), ...(await readFigures(trail)) }
}

function summary(
  latencies: Latencies,
  recordMs: number,
): Pick<Figures, 'events' | 'perSecond' | 'p50Ms' | 'p99Ms'> {
  return {
    events: latencies.count,
    perSecond: Math.round((latencies.count / recordMs) * 1000),
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
  }
}

async function readFigures(trail: Trail): Promise<Pick<Figures, 'verifyMs' | 'findMs' | 'found'>> {
  await trail.flush()
  const verifying = performance.now()
  await trail.verify()
  const finding = performance.now()
  const { events } = await trail.find(QUERY, { limit: 50 })
  return {
    verifyMs: rounded(finding - verifying),
    findMs: rounded(performance.now() - finding),
    found: events.length,
  }
}

async function show({ output, globals }: Context, figures: Figures): Promise<void> {
  const { events, perSecond, p50Ms, p99Ms, verifyMs, findMs, found } = figures
  const text =
    globals.format === 'json'
      ? jsonLine(figures)
      : `record   ${grouped(events)} events, ${grouped(perSecond)} events/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms
verify   ${grouped(verifyMs)} ms for ${grouped(events)} events
find     ${findMs} ms for ${found} events of ${QUERY}`
  await output.data(`${text}\n`)
  await output.flush()
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}
