/**
 * Recording over HTTP next to the library alone, in one run: NDJSON batches, single events, and `recordAll` in a process of its own.
 * Client and server share the machine, so the client is as small as can be: bodies are made before, answers are only counted.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Draft } from 'annals'
import { sampleDrafts } from 'annals/testing'
import { inDirectory, machine, short, spread, table } from './measure.ts'

const EVENTS = Number(process.env['EVENTS'] ?? 200_000)
const SINGLES = Number(process.env['SINGLES'] ?? 20_000)
const BATCHES = (process.env['BATCHES'] ?? '1000,5000').split(',').map(Number)
const CONNECTIONS = Number(process.env['CONNECTIONS'] ?? 2)
const SINGLE_CONNECTIONS = 64
const drafts: readonly Draft[] = [...sampleDrafts({ count: 20_000 })]
const NDJSON = 'application/x-ndjson'
/** For a look at where the server's time goes: `PROFILE=DIR`. */
const PROFILE =
  process.env['PROFILE'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.env['PROFILE']}`]

interface Target {
  readonly url: string
  readonly token: string
}

console.log(
  `# Recording over HTTP\n\n${machine()}. Events of ${meanBytes()} bytes. Client and server on the same machine.\n`,
)
const rows: (string | number)[][] = []
rows.push(await inLibrary())
for (const keyed of [false, true])
  for (const size of BATCHES) rows.push(await overHttp(target => batches(target, size, keyed)))
rows.push(await overHttp(singles))
console.log(
  table(['how', 'events/s', 'request p50 ms', 'request p99 ms', 'server main thread µs/event'], rows),
)

type Ask = (message: string) => Promise<Record<string, unknown>>

/** A subject in a process of its own, on a directory of its own. */
async function inChild<R>(kind: 'library' | 'server', work: (ask: Ask) => Promise<R>): Promise<R> {
  return await inDirectory(async dir => {
    const child = fork(
      fileURLToPath(new URL('./subjects/recording-child.ts', import.meta.url)),
      [kind, dir, String(EVENTS)],
      { execArgv: ['--conditions=annals-source', '--no-warnings=ExperimentalWarning', ...PROFILE] },
    )
    const ask: Ask = async message => {
      child.send(message)
      const [answer] = (await once(child, 'message')) as [Record<string, unknown>]
      return answer
    }
    try {
      return await work(ask)
    } finally {
      await ask('close')
      child.disconnect()
      await once(child, 'exit')
    }
  })
}

async function inLibrary(): Promise<(string | number)[]> {
  return await inChild('library', async ask => {
    const { rate, cpu } = await ask('record')
    return ['library: recordAll of 1,000', short(rate as number), '', '', (cpu as number).toFixed(1)]
  })
}

async function overHttp(work: (target: Target) => Promise<Row>): Promise<(string | number)[]> {
  return await inChild('server', async ask => {
    const target = (await ask('open')) as unknown as Target
    await ask('begin')
    const row = await work(target)
    const { cpu } = await ask('end')
    return [
      row.name,
      short(row.rate),
      short(row.p50),
      short(row.p99),
      ((cpu as number) / row.events).toFixed(1),
    ]
  })
}

interface Row {
  readonly name: string
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly events: number
}

/** NDJSON requests of `size` lines, on a few connections that are kept. */
async function batches(target: Target, size: number, keyed: boolean): Promise<Row> {
  const bodies = Array.from({ length: 8 }, (_, nth) => {
    const lines = Array.from({ length: size }, (_, at) =>
      JSON.stringify(drafts[(nth * size + at) % drafts.length]),
    )
    return Buffer.from(`${lines.join('\n')}\n`)
  })
  const count = Math.ceil(EVENTS / size)
  const post = poster(target, CONNECTIONS, NDJSON)
  await closedLoop(CONNECTIONS, Math.ceil(20_000 / size), nth =>
    post(bodies[nth % bodies.length] as Buffer, keyed ? `warm-${nth}` : undefined),
  )
  const row = await closedLoop(CONNECTIONS, count, nth =>
    post(bodies[nth % bodies.length] as Buffer, keyed ? `k-${nth}` : undefined),
  )
  const name = `NDJSON, ${short(size)} lines a request${keyed ? ', with Idempotency-Key' : ''}, ${CONNECTIONS} connections`
  return { ...row, name, rate: row.rate * size, events: (count + Math.ceil(20_000 / size)) * size }
}

/** One event a request, on many connections that are kept. */
async function singles(target: Target): Promise<Row> {
  const bodies = drafts.map(draft => Buffer.from(JSON.stringify(draft)))
  const post = poster(target, SINGLE_CONNECTIONS, 'application/json')
  const send = (nth: number): Promise<void> => post(bodies[nth % bodies.length] as Buffer, undefined)
  await closedLoop(SINGLE_CONNECTIONS, 2_000, send)
  const row = await closedLoop(SINGLE_CONNECTIONS, SINGLES, send)
  return { ...row, name: `one event a request, ${SINGLE_CONNECTIONS} connections`, events: SINGLES + 2_000 }
}

/** Sends a body over a connection that is kept; resolves when the answer is there whole. */
function poster(
  { url, token }: Target,
  connections: number,
  type: string,
): (body: Buffer, key: string | undefined) => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(url)
  const headers = { 'Content-Type': type, Authorization: `Bearer ${token}` }
  return (body, key) =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          agent,
          hostname,
          port,
          path: '/v1/events',
          method: 'POST',
          headers: {
            ...headers,
            'Content-Length': body.length,
            ...(key === undefined ? {} : { 'Idempotency-Key': key }),
          },
        },
        answer => {
          let last: Buffer = Buffer.alloc(0)
          answer.on('data', chunk => {
            last = chunk
          })
          answer.on('end', () => {
            const isWhole =
              answer.statusCode === 201 || (answer.statusCode === 200 && last.includes('"refused":0}'))
            if (isWhole) resolve()
            else reject(new Error(`${answer.statusCode}: ${last.toString()}`))
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
}

/** `width` requests at a time until `count` are answered. */
async function closedLoop(
  width: number,
  count: number,
  send: (nth: number) => Promise<void>,
): Promise<{ readonly rate: number; readonly p50: number; readonly p99: number }> {
  const latencies = new Float64Array(count)
  let next = 0
  const begun = performance.now()
  const worker = async (): Promise<void> => {
    while (next < count) {
      const nth = next++
      const from = performance.now()
      await send(nth)
      latencies[nth] = performance.now() - from
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  const seconds = (performance.now() - begun) / 1000
  return { rate: count / seconds, ...spread(latencies) }
}

function meanBytes(): number {
  return Math.round(Buffer.byteLength(JSON.stringify(drafts)) / drafts.length)
}
