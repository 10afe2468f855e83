import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type AuditEvent, openTrail } from 'annals'
import { afterAll, expect, test } from 'vitest'
import { rounds } from './campaign.ts'

const KILLS = rounds(50)
const CHILD = fileURLToPath(new URL('./interrupted-child.ts', import.meta.url))
const base = mkdtempSync(join(tmpdir(), 'annals-interrupted-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Lets a child begin operations and kills it; answers with the ids of those that it said were left open. */
async function killed(dir: string, afterMs: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--conditions=annals-source', '--no-warnings', CHILD, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.on('data', piece => {
    told += String(piece)
  })
  await once(child.stdout, 'data')
  await delay(afterMs)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lines = told.split('\n')
  return lines.slice(0, -1).map(line => line.split(' ')[1] as string)
}

test('T18: an operation whose recorder was killed ends as unknown, once, however often the log is opened', async () => {
  const dir = join(base, 'log')
  const open = new Set<string>()
  for (let kill = 0; kill < KILLS; kill++) {
    for (const id of await killed(dir, Math.floor(Math.random() * 60))) open.add(id)
    // Sometimes whoever sweeps is killed as well: the next opening finds what is left.
    if (kill % 3 === 2) continue
    await using trail = await openTrail({ dir })
    await swept(trail, open)
  }
  await using trail = await openTrail({ dir })
  await swept(trail, open)
  const events: AuditEvent[] = []
  for await (const event of trail.events('action:machine.delete')) events.push(event)
  const byOperation = Map.groupBy(events, ({ operation }) => operation)
  for (const [operation, pair] of byOperation) {
    expect(pair.map(({ phase }) => phase)).toEqual(['attempt', 'outcome'])
    const [attempt, outcome] = pair as [AuditEvent, AuditEvent]
    expect(outcome.targets).toEqual(attempt.targets)
    expect(outcome.tenant).toBe('acme')
    if (open.has(operation)) expect(outcome.outcome.result).toBe('unknown')
  }
  expect(open.size).toBeGreaterThan(0)
  const { total } = await trail.count('outcome:unknown actor:user/u1 tenant:acme')
  // Attempts may have been stored that the child had no time to tell of.
  expect(total).toBeGreaterThanOrEqual(open.size)
  expect((await trail.verify()).ok).toBe(true)
})

/** Resolves when each attempt has an outcome. */
async function swept(
  trail: { count(query: string): Promise<{ readonly total: number }> },
  open: ReadonlySet<string>,
): Promise<void> {
  for (;;) {
    const attempts = await trail.count('phase:attempt')
    const outcomes = await trail.count('phase:outcome')
    if (attempts.total === outcomes.total && outcomes.total >= open.size) return
    await delay(10)
  }
}
