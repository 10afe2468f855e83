/**
 * record() until durable: closed loop and open loop at several rates, against the physical limit and a plain SQLite table in
 * the same run. Latency is counted from the moment an event was due, not from when it could be sent.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Draft } from 'annals'
import { sampleDrafts } from 'annals/testing'
import { inDirectory, machine, short, spread, table } from './measure.ts'
import { annals } from './subjects/annals.ts'
import { rawSegment } from './subjects/raw-segment.ts'
import { sqliteBtrees } from './subjects/sqlite-btrees.ts'
import type { OpenSubject, Subject } from './subjects/subject.ts'

const RATES = (process.env['RATES'] ?? '1000,10000,30000,50000').split(',').map(Number)
const SECONDS = Number(process.env['SECONDS'] ?? 12)
const CLOSED = Number(process.env['EVENTS'] ?? 400_000)
const IN_FLIGHT = Number(process.env['IN_FLIGHT'] ?? 4_096)
const ring: readonly Draft[] = [...sampleDrafts({ count: 20_000 })]
const subjects: readonly OpenSubject[] = [annals, rawSegment, sqliteBtrees]

console.log(
  `# record() until durable\n\n${machine()}. Events of ${Math.round(Buffer.byteLength(JSON.stringify(ring)) / ring.length)} bytes.\n`,
)
console.log(`Closed loop: ${CLOSED.toLocaleString('en-US')} events, ${IN_FLIGHT} in flight.\n`)
const closed: (string | number)[][] = []
for (const open of subjects) {
  closed.push(
    await inDirectory(async dir => {
      const subject = await open(dir)
      const row = await closedLoop(subject)
      await subject.close()
      return row
    }),
  )
}
console.log(table(['subject', 'events/s', 'main thread µs/event', 'loop delay p99 ms'], closed))
console.log(`\nOpen loop: ${SECONDS} s a rate, after 3 s at the same rate; p50 / p99 ms.\n`)
const rows: (string | number)[][] = []
for (const open of subjects) {
  await inDirectory(async dir => {
    const subject = await open(dir)
    const cells: string[] = [subject.name]
    for (const rate of RATES) {
      await openLoop(subject, rate, 3)
      cells.push(await openLoop(subject, rate, SECONDS))
      await delay(500)
    }
    await subject.close()
    rows.push(cells)
  })
}
console.log(
  table(['subject', ...RATES.map(rate => `${rate.toLocaleString('en-US')}/s (loop delay p99)`)], rows),
)

async function closedLoop(subject: Subject): Promise<(string | number)[]> {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  let sent = 0
  let done = 0
  const run = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = done + count
      const send = (): void => {
        while (sent < end && sent - done < IN_FLIGHT)
          subject.record(ring[sent++ % ring.length] as Draft).then(next, reject)
      }
      const next = (): void => {
        done++
        if (done === end) resolve()
        else if (sent - done < IN_FLIGHT / 2) send()
      }
      send()
    })
  await run(50_000)
  loop.enable()
  const cpu = process.threadCpuUsage()
  const begun = performance.now()
  await run(CLOSED)
  const ms = performance.now() - begun
  const used = process.threadCpuUsage(cpu)
  loop.disable()
  return [
    subject.name,
    short((CLOSED / ms) * 1000),
    ((used.user + used.system) / CLOSED).toFixed(1),
    short(loop.percentile(99) / 1e6),
  ]
}

async function openLoop(subject: Subject, rate: number, seconds: number): Promise<string> {
  const total = Math.floor(rate * seconds)
  const latencies = new Float64Array(total)
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  let sent = 0
  let done = 0
  let failed = 0
  const begun = performance.now()
  await new Promise<void>(resolve => {
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - begun) * rate) / 1000))
      while (sent < due) {
        const at = sent++
        const scheduled = begun + (at * 1000) / rate
        subject.record(ring[at % ring.length] as Draft).then(
          () => settle(at, performance.now() - scheduled),
          () => {
            failed++
            settle(at, Number.POSITIVE_INFINITY)
          },
        )
      }
      if (sent < total) setTimeout(tick, 1)
    }
    const settle = (at: number, ms: number): void => {
      latencies[at] = ms
      if (++done === total) resolve()
    }
    tick()
  })
  loop.disable()
  const { p50, p99 } = spread(latencies)
  return `${short(p50)} / ${short(p99)} (${short(loop.percentile(99) / 1e6)})${failed > 0 ? `, ${failed} refused` : ''}`
}
