import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'

/** Percentile of sorted values. */
export function percentile(sorted: Float64Array, p: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? Number.NaN
}

/** p50 and p99 of unsorted values, with two or three digits. */
export function spread(values: Float64Array): { readonly p50: number; readonly p99: number } {
  const sorted = values.slice().sort()
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) }
}

/** What the numbers were measured on, one line. */
export function machine(): string {
  const [cpu] = cpus()
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`
}

/** A directory of its own, removed afterwards. `ANNALS_BENCH_DIR` says where, so that a real disk can be chosen. */
export async function inDirectory<R>(work: (dir: string) => Promise<R>): Promise<R> {
  const dir = mkdtempSync(join(process.env['ANNALS_BENCH_DIR'] ?? tmpdir(), 'annals-bench-'))
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Resident memory of this process now, in MiB. */
export function residentMiB(): number {
  const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1])
  return (pages * 4096) / 2 ** 20
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A number with about three digits. */
export function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(value >= 1 ? 3 : 2)
}
