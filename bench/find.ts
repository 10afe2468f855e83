/** Finding: newest 50 for every kind of query, counts, cold open and memory, at a size given as argument (default 1,000,000). */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openReader } from 'annals'
import { machine, residentMiB, short, spread, table } from './measure.ts'
import { questions } from './subjects/questions.ts'
import { sizedLog } from './subjects/sized-log.ts'

const [argument = '1000000', role] = process.argv.slice(2)
const size = Number(argument)
const dir = await sizedLog('find', size)

if (role === 'read') await read()
else {
  const child = spawnSync(
    process.execPath,
    [...process.execArgv, process.argv[1] as string, argument, 'read'],
    { encoding: 'utf8' },
  )
  console.log(child.stdout, child.stderr)
}

async function read(): Promise<void> {
  const opening = performance.now()
  const reader = await openReader({ dir })
  await reader.find('', { limit: 50 })
  const cold = performance.now() - opening
  console.log(
    `# find at ${size.toLocaleString('en-US')} events\n\n${machine()}. Newest 50, one reader process, in the caller's thread.\n`,
  )
  const rows: (string | number)[][] = []
  for (const [name, query] of Object.entries(questions())) {
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
