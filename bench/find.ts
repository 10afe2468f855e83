/** Finding: newest 50 for every kind of query, counts, cold open and memory, at a size given as argument (default 1,000,000). */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Draft, openReader, openTrail } from 'annals'
import { sampleDrafts } from 'annals/testing'
import { machine, residentMiB, short, spread, table } from './measure.ts'

const [argument = '1000000', role] = process.argv.slice(2)
const size = Number(argument)
const base = process.env['ANNALS_BENCH_DIR'] ?? tmpdir()
const dir = join(base, `annals-find-${size}`)

if (role === 'read') await read()
else {
  await build()
  const child = spawnSync(
    process.execPath,
    [...process.execArgv, process.argv[1] as string, argument, 'read'],
    { encoding: 'utf8' },
  )
  console.log(child.stdout, child.stderr)
}

/** The log is kept for the next run, since building ten million events takes minutes. */
async function build(): Promise<void> {
  if (existsSync(join(dir, 'annals.json'))) return
  mkdirSync(dir, { recursive: true })
  const trail = await openTrail({ dir })
  const begun = performance.now()
  let drafts: Draft[] = []
  let done = 0
  for (const draft of sampleDrafts({ count: size })) {
    drafts.push(draft)
    if (drafts.length < 4_096) continue
    await trail.recordAll(drafts)
    done += drafts.length
    drafts = []
    if (done % 409_600 === 0)
      process.stderr.write(`${done} events, ${Math.round((done / (performance.now() - begun)) * 1000)}/s\n`)
  }
  await trail.recordAll(drafts)
  await trail.close()
}

async function read(): Promise<void> {
  const opening = performance.now()
  const reader = await openReader({ dir })
  await reader.find('', { limit: 50 })
  const cold = performance.now() - opening
  console.log(
    `# find at ${size.toLocaleString('en-US')} events\n\n${machine()}. Newest 50, one reader process, in the caller's thread.\n`,
  )
  const sample = [...sampleDrafts({ count: 5_000 })]
  const tagged = sample.filter(draft => draft.tags !== undefined)
  const pick = (i: number): Draft => sample[(i * 7919) % sample.length] as Draft
  const at = (draft: Draft): string => new Date(draft.occurredAt as string).toISOString()
  const rare = (i: number): string =>
    `corr:${pick(i).origin?.correlationId ?? pick(i).origin?.requestId ?? 'none'}`
  const kinds: Record<string, (i: number) => string> = {
    tenant: i => `tenant:${pick(i).tenant}`,
    actor: i => `actor:${pick(i).actor?.id}`,
    target: i => `target:${pick(i).targets?.[0]?.id}`,
    'topic prefix': i => `action:${pick(i).action.split('.')[0]}.*`,
    tag: i => {
      const [key, value] = Object.entries(tagged[i % tagged.length]?.tags ?? {})[0] ?? [
        'region',
        'eu-central-1',
      ]
      return `tag.${key}="${value}"`
    },
    outcome: i => (i % 2 === 0 ? 'outcome:denied' : '-outcome:success'),
    '1 h window + action': i => {
      const from = Date.parse(at(pick(i)))
      return `after:${new Date(from).toISOString()} before:${new Date(from + 3_600_000).toISOString()} action:${pick(i).action}`
    },
    word: i => `"${pick(i).targets?.[0]?.name?.split(/[^a-z0-9]+/i)[0] ?? 'web'}"`,
    'rare × broad': i => `${rare(i)} outcome:success`,
    'actor × action × outcome': i => `actor:${pick(i).actor?.id} action:${pick(i).action} outcome:failure`,
    'no match': i => `actor:nobody-${i}`,
  }
  const rows: (string | number)[][] = []
  for (const [name, query] of Object.entries(kinds)) {
    const times = new Float64Array(300)
    let found = 0
    for (let i = 0; i < 20; i++) await reader.find(query(i + 1_000), { limit: 50 })
    for (let i = 0; i < times.length; i++) {
      const text = query(i)
      const begun = performance.now()
      found += (await reader.find(text, { limit: 50 })).events.length
      times[i] = performance.now() - begun
    }
    const { p50, p99 } = spread(times)
    rows.push([name, short(p50), short(p99), (found / times.length).toFixed(1)])
  }
  console.log(table(['query', 'p50 ms', 'p99 ms', 'rows'], rows))
  const counting = performance.now()
  await reader.count('', ['action', 'outcome'])
  const rolled = performance.now() - counting
  const grouping = performance.now()
  const { total } = await reader.count('outcome:denied', ['hour'])
  const grouped = performance.now() - grouping
  console.log(
    `\n${table(
      ['other', 'value'],
      [
        ['cold open and first page, ms', short(cold)],
        ['count by action and outcome (rollups), ms', short(rolled)],
        [`count of ${total.toLocaleString('en-US')} denied by hour (read and checked), ms`, short(grouped)],
        ['resident memory afterwards, MiB', short(residentMiB())],
        ['bytes per event on disk, with index and tiles', short(bytesBelow(dir) / size)],
        ['of these segments', short(bytesBelow(dir, '.seg') / size)],
        ['of these search index', short((bytesBelow(dir, '.idx') + bytesBelow(dir, '.idx-wal')) / size)],
      ],
    )}`,
  )
  await reader.close()
}

function bytesBelow(path: string, ending = ''): number {
  let bytes = 0
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name)
    if (entry.isDirectory()) bytes += bytesBelow(below, ending)
    else if (entry.name.endsWith(ending)) bytes += statSync(below).size
  }
  return bytes
}
