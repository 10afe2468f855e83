/**
 * What capturing a request costs: a service that says hello, bare and captured, in Express and Fastify, in one run. Latency of one
 * client after the other, and requests a second of many. Client and server share the machine.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { inDirectory, machine, short, spread, table } from './measure.ts'

const REQUESTS = Number(process.env['REQUESTS'] ?? 20_000)
const CONNECTIONS = 64
/** Rounds of each subject; the best is told, since others share the machine. */
const ROUNDS = 3

const BODY = Buffer.from(JSON.stringify({ name: 'ada', size: 3, password: 'hunter2' }))

console.log(
  `# Capturing requests\n\n${machine()}. Best of ${ROUNDS} rounds of ${REQUESTS.toLocaleString('en-US')} requests, two events each.\n`,
)
const rows: (string | number)[][] = []
for (const framework of ['express', 'fastify']) {
  let bare: Measured | undefined
  for (const durability of ['bare', 'queued', 'stored']) {
    const measured = await measure(framework, durability)
    bare ??= measured
    rows.push([
      `${framework}, ${durability}`,
      `${short(measured.p50)} / ${short(measured.p99)}`,
      short(measured.p50 - bare.p50),
      short(measured.rate),
      `${Math.round((measured.rate / bare.rate) * 100)} %`,
    ])
  }
}
console.log(
  table(
    ['service', 'p50 / p99 ms, one client', 'p50 added ms', `requests/s, ${CONNECTIONS} clients`, 'of bare'],
    rows,
  ),
)

interface Measured {
  readonly p50: number
  readonly p99: number
  readonly rate: number
}

async function measure(framework: string, durability: string): Promise<Measured> {
  return await inDirectory(async dir => {
    const child = fork(
      fileURLToPath(new URL('./subjects/captured-service.ts', import.meta.url)),
      [framework, durability, dir],
      { execArgv: ['--conditions=annals-source', '--no-warnings=ExperimentalWarning'] },
    )
    try {
      const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }]
      const post = poster(url)
      await loop(CONNECTIONS, REQUESTS / 4, post)
      let best: Measured = { p50: Number.POSITIVE_INFINITY, p99: Number.POSITIVE_INFINITY, rate: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        const { p50, p99 } = spread((await loop(1, REQUESTS / 10, post)).latencies)
        const { rate } = await loop(CONNECTIONS, REQUESTS, post)
        best = { p50: Math.min(best.p50, p50), p99: Math.min(best.p99, p99), rate: Math.max(best.rate, rate) }
      }
      return best
    } finally {
      child.send('close')
      await once(child, 'exit')
    }
  })
}

async function loop(
  width: number,
  count: number,
  post: () => Promise<void>,
): Promise<{ readonly latencies: Float64Array; readonly rate: number }> {
  const latencies = new Float64Array(count)
  let next = 0
  const begun = performance.now()
  const worker = async (): Promise<void> => {
    while (next < count) {
      const nth = next++
      const from = performance.now()
      await post()
      latencies[nth] = performance.now() - from
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return { latencies, rate: (count / (performance.now() - begun)) * 1000 }
}

function poster(url: string): () => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const { hostname, port } = new URL(url)
  const headers = { 'content-type': 'application/json', 'content-length': BODY.length }
  return () =>
    new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, path: '/hello/ada', method: 'POST', headers }, answer => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`)),
        )
      })
      sent.on('error', reject)
      sent.end(BODY)
    })
}
