/**
 * Live streams: what a library reader, a Server-Sent Events client and a JSON-RPC subscriber see in the same run. Clients run in a
 * thread of their own. Lag is counted from the moment an event was due to be recorded to the moment a client has it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type RunningServer, startServer } from '@annals/server'
import { type LiveReport, type LiveTask, MEASURED, PATIENCE_MS } from './live-tasks.ts'
import { inDirectory, machine, residentMiB, short, spread, table } from './measure.ts'

const SECONDS = Number(process.env['SECONDS'] ?? 10)
/** Subscribers and events a second. */
const SCENARIOS = (process.env['SCENARIOS'] ?? '10x1000,1000x100')
  .split(',')
  .map(text => text.split('x').map(Number) as [number, number])
const CANCELLED = Number(process.env['CANCELLED'] ?? 10_000)
const KINDS = ['library', 'sse', 'rpc'] as const

console.log(`# Live streams\n\n${machine()}.\n`)
await inDirectory(async dir => {
  const server = await startServer({
    dir,
    port: 0,
    log: { level: 'error' },
    limits: { rate: 10_000_000, streams: 20_000 },
    live: { most: 20_000, subscriptions: 10_000 },
  })
  // The server follows the log for itself.
  const own = server.trail.listeners
  const client = new Worker(new URL('./live-clients.ts', import.meta.url))
  const key = server.key as string
  const ask = async (task: LiveTask): Promise<LiveReport> => {
    client.postMessage(task)
    return await new Promise(resolve => client.once('message', resolve))
  }
  try {
    for (const [subscribers, rate] of SCENARIOS) {
      const rows: (string | number)[][] = []
      for (const kind of KINDS) rows.push([kind, ...(await fanOut(kind, subscribers, rate))])
      console.log(`${subscribers} subscribers, ${rate} events/s, ${SECONDS} s.\n`)
      console.log(
        table(
          [
            'subscriber',
            'lag ms p50 / p99',
            'delivered',
            'missing',
            'main thread busy',
            'µs of it a delivery',
            'RSS MiB',
          ],
          rows,
        ),
      )
      console.log('')
    }
    console.log(await openAndCancel(server))
  } finally {
    await client.terminate()
    await server.close()
  }

  async function fanOut(
    kind: (typeof KINDS)[number],
    subscribers: number,
    rate: number,
  ): Promise<(string | number)[]> {
    const topic = `bench-${kind}-${subscribers}`
    const library = kind === 'library' ? await libraryReaders(server, topic, subscribers, rate) : undefined
    if (kind !== 'library')
      await ask({ what: 'open', kind, url: server.url, key, topic, subscribers, warm: rate })
    const warmed = await record(server, topic, rate, rate)
    const cpu = process.threadCpuUsage()
    const begun = performance.now()
    const recorded = await record(server, topic, rate, rate * SECONDS)
    const ms = performance.now() - begun
    const used = process.threadCpuUsage(cpu)
    const expected = (warmed + recorded) * subscribers
    const { lags, delivered } = await (library === undefined
      ? ask({ what: 'finish', expected })
      : library(expected))
    const { p50, p99 } = spread(lags)
    const micros = used.user + used.system
    return [
      `${short(p50)} / ${short(p99)}`,
      delivered.toLocaleString('en-US'),
      expected - delivered,
      `${Math.round((micros / 1000 / ms) * 100)} %`,
      short(micros / (recorded * subscribers)),
      Math.round(residentMiB()),
    ]
  }

  async function openAndCancel({ trail, live }: RunningServer): Promise<string> {
    const rows: (string | number)[][] = []
    for (const kind of KINDS) {
      // The first ones fill caches and pools.
      await openSome(kind, CANCELLED)
      const before = await heapMiB()
      const begun = performance.now()
      await openSome(kind, CANCELLED)
      const ms = performance.now() - begun
      for (let waited = 0; (trail.listeners > own || live.open > 0) && waited < PATIENCE_MS; waited += 10)
        await delay(10)
      const grown = (await heapMiB()) - before
      rows.push([kind, short((ms * 1000) / CANCELLED), trail.listeners - own, live.open, grown.toFixed(2)])
    }
    const head = ['reader', 'µs to open and cancel', 'listeners left', 'places left', 'heap growth MiB']
    return `${CANCELLED.toLocaleString('en-US')} opened and cancelled.\n\n${table(head, rows)}`
  }

  async function openSome(kind: (typeof KINDS)[number], count: number): Promise<void> {
    if (kind !== 'library') {
      await ask({ what: 'churn', kind, url: server.url, key, count })
      return
    }
    for (let n = 0; n < count; n++) {
      const reader = await server.trail.events('topic:nothing', { follow: true }).open()
      const waiting = reader.nextBatch(64)
      reader.end()
      await waiting
    }
  }
})

/** @returns how many were recorded: what a machine cannot take in time is refused */
async function record({ trail }: RunningServer, topic: string, rate: number, total: number): Promise<number> {
  const begun = performance.now()
  const recording: Promise<unknown>[] = []
  let refused = 0
  while (recording.length < total) {
    // The first is due at once.
    const due = Math.min(total, 1 + Math.floor(((performance.now() - begun) * rate) / 1000))
    while (recording.length < due) {
      const at = performance.timeOrigin + begun + (recording.length * 1000) / rate
      const recorded = trail.record(topic, {
        actor: { type: 'user', id: `u${recording.length % 97}`, name: 'A person with a name' },
        targets: [{ type: 'machine', id: `web-${recording.length % 1_000}` }],
        data: { at, text: 'x'.repeat(200) },
      })
      recording.push(recorded.catch(() => refused++))
    }
    await delay(1)
  }
  await Promise.all(recording)
  if (refused > 0) console.log(`${refused} events were not recorded in time.`)
  return total - refused
}

/** Opens readers of the library. @returns what waits for so many events and ends them */
async function libraryReaders(
  { trail }: RunningServer,
  topic: string,
  subscribers: number,
  warm: number,
): Promise<(expected: number) => Promise<LiveReport>> {
  const lags: number[] = []
  let delivered = 0
  const readers = await Promise.all(
    Array.from({ length: subscribers }, () => trail.events(`topic:${topic}`, { follow: true }).open()),
  )
  const every = Math.ceil(subscribers / MEASURED)
  const reading = readers.map(async (reader, nth) => {
    let seen = 0
    for (let events = await reader.nextBatch(64); events.length > 0; events = await reader.nextBatch(64)) {
      const now = performance.timeOrigin + performance.now()
      for (const { data } of events)
        if (++seen > warm && nth % every === 0) lags.push(now - (data as { at: number }).at)
      delivered += events.length
    }
  })
  return async expected => {
    for (let waited = 0; delivered < expected && waited < PATIENCE_MS; waited += 50) await delay(50)
    for (const reader of readers) reader.end()
    await Promise.all(reading)
    return { lags: Float64Array.from(lags), delivered }
  }
}

async function heapMiB(): Promise<number> {
  for (let n = 0; n < 4; n++) {
    await delay(200)
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed / 2 ** 20
}
