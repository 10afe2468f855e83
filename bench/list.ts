/**
 * Listing over HTTP next to the library alone, in one run, at a size given as argument (default 1,000,000): newest 50 for every kind of
 * query, by a key that sees everything and by one that sees a tenant. The server has a process of its own; the client shares its machine.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { openReader } from 'annals'
import { sampleDrafts } from 'annals/testing'
import { machine, short, spread, table } from './measure.ts'
import { questions } from './subjects/questions.ts'
import { sizedLog } from './subjects/sized-log.ts'

const size = Number(process.argv[2] ?? 1_000_000)
const ASKED = Number(process.env['ASKED'] ?? 300)
/** Asked first, so that nothing is cold. */
const WARM = 20
/** Clients at a time in the last measurement. */
const CLIENTS = 16

/** Answers a query with how many events it found. */
type Ask = (query: string) => Promise<number>

interface Served {
  readonly url: string
  /** Tokens. */
  readonly everything: string
  readonly ofTenant: string
}

const dir = await sizedLog('list', size)
console.log(
  `# Lists over HTTP at ${size.toLocaleString('en-US')} events\n\n${machine()}. Newest 50. p50 / p99 of one client, milliseconds.\n`,
)
const inLibrary = await askedOfLibrary()
const server = fork(
  fileURLToPath(new URL('./subjects/serving-child.ts', import.meta.url)),
  [dir, [...sampleDrafts({ count: 1 })][0]?.tenant ?? ''],
  { execArgv: ['--conditions=annals-source', '--no-warnings=ExperimentalWarning'] },
)
try {
  const [{ url, everything, ofTenant }] = (await once(server, 'message')) as [Served]
  const whole = await askedInTurn(overHttp(url, everything))
  const scoped = await askedInTurn(overHttp(url, ofTenant))
  const rows = Object.keys(questions()).map((name, at) => [
    name,
    inLibrary[at] as string,
    whole[at] as string,
    scoped[at] as string,
  ])
  console.log(table(['query', 'library', 'HTTP, all tenants', 'HTTP, one tenant'], rows))
  console.log(`\n${await askedAtOnce(overHttp(url, everything))}`)
} finally {
  server.disconnect()
  await once(server, 'exit')
}

async function askedOfLibrary(): Promise<readonly string[]> {
  await using reader = await openReader({ dir })
  return await askedInTurn(async query => (await reader.find(query, { limit: 50 })).events.length)
}

/** Each kind of query, one after the other. */
async function askedInTurn(ask: Ask): Promise<readonly string[]> {
  const cells: string[] = []
  for (const question of Object.values(questions())) {
    for (let nth = 0; nth < WARM; nth++) await ask(question(nth + 1_000))
    const times = new Float64Array(ASKED)
    for (let nth = 0; nth < ASKED; nth++) {
      const begun = performance.now()
      await ask(question(nth))
      times[nth] = performance.now() - begun
    }
    const { p50, p99 } = spread(times)
    cells.push(`${short(p50)} / ${short(p99)}`)
  }
  return cells
}

/** All kinds mixed, by many clients. */
async function askedAtOnce(ask: Ask): Promise<string> {
  const kinds = Object.values(questions())
  const times = new Float64Array(ASKED * kinds.length)
  let next = 0
  const begun = performance.now()
  const client = async (): Promise<void> => {
    for (let nth = next++; nth < times.length; nth = next++) {
      const from = performance.now()
      await ask(kinds[nth % kinds.length]?.(nth) as string)
      times[nth] = performance.now() - from
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const rate = (times.length / (performance.now() - begun)) * 1000
  const { p50, p99 } = spread(times)
  return `${CLIENTS} clients at a time, all kinds: ${short(rate)} lists/s, p50 / p99 ${short(p50)} / ${short(p99)} ms.`
}

function overHttp(url: string, token: string): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const headers = { Authorization: `Bearer ${token}` }
  return query =>
    new Promise((resolve, reject) => {
      const path = `/v1/events?limit=50&query=${encodeURIComponent(query)}`
      const asked = get(new URL(path, url), { agent, headers }, answer => {
        const pieces: Buffer[] = []
        answer.on('data', piece => pieces.push(piece))
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString()
          if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode}: ${text}`))
          else resolve((JSON.parse(text) as { readonly events: readonly unknown[] }).events.length)
        })
      })
      asked.on('error', reject)
    })
}
