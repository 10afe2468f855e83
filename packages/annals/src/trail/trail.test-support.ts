import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Catalog } from '../catalog/index.ts'
import type { AuditEvent } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { type OpenTrailOptions, openTrail } from './open-trail.ts'
import type { Trail } from './trail.ts'

/** A directory of its own for one test. */
export function temporaryDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-trail-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** The stores that every behaviour of a trail is shown on. */
export const STORES = ['memory', 'embedded'] as const

/** A new trail on a store of this kind, closed when the test is over. */
export async function newTrail<const C extends Catalog = Catalog>(
  kind: (typeof STORES)[number],
  options: OpenTrailOptions<C> = {},
): Promise<Trail<C>> {
  const where =
    kind === 'memory'
      ? { store: await openMemory({ period: options.period, clock: options.clocks?.wall }) }
      : { dir: temporaryDirectory() }
  const trail = await openTrail<C>({ ...where, ...options })
  onTestFinished(() => trail.close().catch(() => {}))
  return trail
}

/** One trail for all tests of a group, with a first event in it; answers with what gives it. */
export function sharedTrail(
  kind: (typeof STORES)[number],
  fill?: (trail: Trail) => Promise<unknown>,
): () => Trail {
  let trail: Trail
  let dir: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'annals-trail-'))
    trail = await openTrail(kind === 'memory' ? { store: await openMemory() } : { dir })
    await (fill?.(trail) ?? trail.record('first'))
  })
  afterAll(async () => {
    await trail.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return () => trail
}

/** Everything an iteration gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** What an `n` in the data of events says. */
export function numbers(events: readonly AuditEvent[]): unknown[] {
  return events.map(event => (event.data as { n?: unknown } | undefined)?.n)
}

/** Runs a module in a second process; answers with what it printed, when it has ended. */
export async function inProcess(source: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=annals-source', '--no-warnings', '--input-type=module', '-e', source, ...args],
    { cwd: join(import.meta.dirname, '../../../..'), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += text
  })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(`the second process ended with ${code}: ${errors}`)
  return out
}
