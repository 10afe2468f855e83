/** Verification of a whole log, parts included. Uses the log that find.ts keeps; the argument is its size. */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReader } from 'annals'
import { machine, residentMiB, short, table } from './measure.ts'

const size = Number(process.argv[2] ?? 1_000_000)
const dir = join(process.env['ANNALS_BENCH_DIR'] ?? tmpdir(), `annals-find-${size}`)
if (!existsSync(dir)) throw new Error(`run find.ts ${size} first`)

await using reader = await openReader({ dir })
const rows: (string | number)[][] = []
for (const [name, options] of [
  ['entries, tree and tiles', { entriesOnly: true }],
  ['with all parts', {}],
] as const) {
  const begun = performance.now()
  const report = await reader.verify(options)
  const seconds = (performance.now() - begun) / 1000
  if (!report.ok) throw new Error(JSON.stringify(report.findings.slice(0, 5)))
  rows.push([
    name,
    report.checked.toLocaleString('en-US'),
    seconds.toFixed(1),
    short(report.checked / seconds),
  ])
}
console.log(
  `# verify\n\n${machine()}. Two workers.\n\n${table(['what', 'events', 's', 'events/s'], rows)}\n\nResident memory afterwards: ${short(residentMiB())} MiB.`,
)
