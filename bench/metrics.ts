/**
 * Metrics: what counting costs for each recorded event, what questions cost once a history is there, and how fast a history is
 * counted for the first time. Sizes are events, as arguments (default 20000 200000): a question must cost the same on both.
 */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Draft, openReader, openTrail, type TrailReader } from 'annals'
import { openMemory } from 'annals/stores/memory'
import { sampleDrafts } from 'annals/testing'
// The meter alone, without the trail around it: nobody but this asks for that.
import type { Item } from '../packages/annals/src/log/item.ts'
import { Meter } from '../packages/annals/src/measure/index.ts'
import { inDirectory, machine, short, spread, table } from './measure.ts'

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [20_000, 200_000]
const DAYS = 60
const START = Date.UTC(2026, 8, 1)
const HOUR = 3_600_000

console.log(`# Metrics\n\n${machine()}.\n`)
await hotPath()
const columns: Record<string, string>[] = []
for (const size of SIZES) columns.push(await inDirectory(dir => history(dir, size)))
const names = Object.keys(columns[0] ?? {})
console.log(
  table(
    [`of a history of ${DAYS} days`, ...SIZES.map(size => `${size.toLocaleString('en-US')} events`)],
    names.map(name => [name, ...columns.map(column => column[name] ?? '')]),
  ),
)

/** The meter alone on what a sequencer hands it, in batches as they come under load and one by one as they come without. */
async function hotPath(): Promise<void> {
  const items = await recordedItems(50_000)
  const rows: (string | number)[][] = []
  for (const [name, batch, apart] of [
    ['batches of 500, 50,000/s', 500, 0.02],
    ['one by one, 1,000/s', 1, 1],
    ['one by one, each in its own second', 1, 1_000],
  ] as const) {
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 3; round++) {
      let size = 0
      const meter = new Meter({
        log: {
          size: () => size,
          async *read() {},
          hashes: async () => new Uint8Array(),
          positionAt: async () => 0,
        },
        pepper: new Uint8Array(32),
        now: Date.now,
        report: error => console.error(error),
      })
      for (const [n, item] of items.entries()) item.recordedAt = START + Math.floor(n * apart)
      const cpu = process.threadCpuUsage()
      for (let at = 0; at < items.length; at += batch) {
        size = Math.min(items.length, at + batch)
        meter.offer(items.slice(at, size))
        // What is made coarser in the background is counted, too.
        if (at % 5_000 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      const { user, system } = process.threadCpuUsage(cpu)
      best = Math.min(best, (user + system) / items.length)
      await meter.close()
    }
    rows.push([name, best.toFixed(2)])
  }
  console.log(`${table(['counting, of what a recorder does', 'µs/event of the main thread'], rows)}\n`)
}

/** Events as they are when they have just become durable. */
async function recordedItems(count: number): Promise<Item[]> {
  const trail = await openTrail({ store: await openMemory() })
  const drafts = [...sampleDrafts({ count })]
  while (drafts.length > 0) await trail.recordAll(drafts.splice(0, 2_000))
  const items: Item[] = []
  for await (const event of trail.events()) {
    const { id, index: _, recordedAt: __, action, phase, retention: ___, ...content } = event
    const item = { id, index: items.length, recordedAt: 0, weight: 700, event: { action, phase, content } }
    items.push(item as unknown as Item)
  }
  await trail.close()
  return items
}

async function history(dir: string, size: number): Promise<Record<string, string>> {
  const clock = { now: START }
  const open = (): ReturnType<typeof openTrail> =>
    openTrail({
      dir,
      period: 'month',
      sealing: 'manual',
      clocks: { wall: () => clock.now, mono: () => clock.now - START },
    })
  let trail = await open()
  const drafts: Draft[] = []
  const perHour = Math.ceil(size / (DAYS * 24))
  for (const draft of sampleDrafts({ count: size })) {
    drafts.push(draft)
    if (drafts.length < perHour) continue
    // In two places of the hour, so that windows can cut it.
    const later = drafts.splice(drafts.length >> 1)
    await trail.recordAll(drafts.splice(0))
    clock.now += HOUR / 2
    await trail.recordAll(later)
    clock.now += HOUR / 2
  }
  await trail.recordAll(drafts)
  const column: Record<string, string> = {}
  const kept = join(dir, 'derived', 'metrics')

  let begun = performance.now()
  await trail.close()
  trail = await open()
  column['open again, until the first answer, ms'] = short(await answered(trail, begun))
  column['file, bytes'] = statSync(kept).size.toLocaleString('en-US')
  const at = (share: number): Date => new Date(START + Math.round(share * (clock.now - START)))
  const asks: Readonly<Record<string, () => Promise<unknown>>> = {
    'operations, everything': () => trail.metric('operations'),
    'summary, everything': () => trail.metric('summary'),
    'summary, last day': () => trail.metric('summary', { last: 24 * HOUR }),
    'summary of a topic': () => trail.metric('summary', { topic: 'machine' }),
    'summary, from and to within hours': () => trail.metric('summary', { from: at(0.2), to: at(0.7) }),
    'rolling by day over 7, everything': () => trail.metric('rolling', { every: 24 * HOUR, over: 7 }),
  }
  for (const [name, ask] of Object.entries(asks)) {
    const times = new Float64Array(40)
    for (const [n] of times.entries()) {
      const asked = performance.now()
      await ask()
      times[n] = performance.now() - asked
    }
    const { p50, p99 } = spread(times)
    column[`${name}, p50 / p99 ms`] = `${short(p50)} / ${short(p99)}`
  }
  await trail.close()

  begun = performance.now()
  const reader = await openReader({ dir })
  column['a reader in another process, until its first answer, ms'] = short(await answered(reader, begun))
  await reader.close()

  rmSync(kept)
  trail = await open()
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  begun = performance.now()
  const ms = await answered(trail, begun)
  loop.disable()
  column['counted for the first time, events/s'] = short((size / ms) * 1_000)
  column['delay of the event loop meanwhile, p99 / most ms'] =
    `${short(loop.percentile(99) / 1e6)} / ${short(loop.max / 1e6)}`
  await trail.close()
  return column
}

async function answered(reader: TrailReader, since: number): Promise<number> {
  await reader.metric('summary')
  return performance.now() - since
}
