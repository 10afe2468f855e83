import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type AuditEvent, openReader, openTrail } from 'annals'
import { afterAll, describe, expect, it } from 'vitest'
import { listSegments } from '../../packages/annals/src/stores/embedded/segment-file.ts'
import { rounds } from './campaign.ts'

const CHILD = new URL('./recording-child.ts', import.meta.url).pathname
const NODE = ['--conditions=annals-source', '--no-warnings', CHILD]

interface Acknowledged {
  readonly index: number
  readonly id: string
}

/** Lets a child record until it dies; everything it acknowledged. */
async function recordUntilDeath(
  dir: string,
  death: { readonly afterMs: number } | { readonly atOperation: number },
): Promise<Map<number, Acknowledged>> {
  const child = spawn(
    process.execPath,
    [...NODE, dir, ...('atOperation' in death ? [String(death.atOperation)] : [])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const acknowledged = new Map<number, Acknowledged>()
  let trouble = ''
  child.stderr.on('data', chunk => {
    trouble += chunk
  })
  const lines = createInterface({ input: child.stdout })
  lines.once('line', () => {
    if ('afterMs' in death) setTimeout(() => child.kill('SIGKILL'), death.afterMs)
  })
  const emergency = setTimeout(() => child.kill('SIGKILL'), 20_000)
  for await (const line of lines) {
    // The last line may be cut short by the death.
    const match = /^(\d+) (\d+) ([0-9a-f-]{36})$/.exec(line)
    if (match !== null)
      acknowledged.set(Number(match[1]), { index: Number(match[2]), id: match[3] as string })
  }
  clearTimeout(emergency)
  expect(trouble).toBe('')
  return acknowledged
}

async function allEvents(dir: string): Promise<AuditEvent[]> {
  await using reader = await openReader({ dir })
  return await Array.fromAsync(reader.events('', { includeLog: true }))
}

/** What must hold after any death: every acknowledged event is there, in order, once; and the log verifies. */
async function expectWhole(
  dir: string,
  acknowledged: ReadonlyMap<number, Acknowledged>,
): Promise<AuditEvent[]> {
  const events = await allEvents(dir)
  expect(events.map(event => event.index)).toEqual(events.map((_, i) => i))
  const seqs = events.flatMap(event =>
    event.action.startsWith('crash.') ? [(event.data as { seq: number }).seq] : [],
  )
  expect(new Set(seqs).size).toBe(seqs.length)
  for (const [seq, { index, id }] of acknowledged) {
    expect(events[index]).toMatchObject({ id, data: { seq } })
  }
  await using reader = await openReader({ dir })
  // A writer that died may have dated a checkpoint by a batch that never came.
  const report = await reader.verify({ skewMs: 12 * 3_600_000 })
  expect(report.findings.filter(finding => finding.code.startsWith('E_'))).toEqual([])
  expect(report.size).toBe(events.length)
  return events
}

async function expectRecovers(dir: string, before: readonly AuditEvent[]): Promise<void> {
  const notices: string[] = []
  const trail = await openTrail({ dir, onNotice: notice => notices.push(notice) })
  const again = await trail.record('crash.after', { data: { seq: -Date.now() } })
  expect(again.index).toBeGreaterThanOrEqual(before.length)
  const { total } = await trail.count('action:crash.* target:machine/m3')
  const brute = before.filter(
    event => event.action.startsWith('crash.') && event.targets[0]?.id === 'm3',
  ).length
  expect(total).toBe(brute)
  await trail.close()
}

describe('a writer that dies', () => {
  const dirs: string[] = []
  const freshDir = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'annals-crash-'))
    dirs.push(dir)
    return dir
  }
  afterAll(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
  })

  it('loses nothing it acknowledged, killed at random moments', async () => {
    const dir = freshDir()
    const acknowledged = new Map<number, Acknowledged>()
    for (let round = 0; round < rounds(25); round++) {
      for (const [seq, one] of await recordUntilDeath(dir, { afterMs: Math.random() * 250 }))
        acknowledged.set(seq, one)
      const events = await expectWhole(dir, acknowledged)
      if (round % 5 === 4) await expectRecovers(dir, events)
    }
    expect(acknowledged.size).toBeGreaterThan(300)
  }, 240_000)

  it('loses nothing it acknowledged, killed inside file operations: writes, syncs, rotations, new seeds', async () => {
    let dir = freshDir()
    let acknowledged = new Map<number, Acknowledged>()
    for (let round = 0; round < rounds(35); round++) {
      if (round % 12 === 0) {
        dir = freshDir()
        acknowledged = new Map()
      }
      for (const [seq, one] of await recordUntilDeath(dir, {
        atOperation: 1 + Math.floor(Math.random() ** 2 * 400),
      }))
        acknowledged.set(seq, one)
      if (listSegments(join(dir, 'chunks')).length === 0) continue
      const events = await expectWhole(dir, acknowledged)
      if (round % 5 === 4) await expectRecovers(dir, events)
    }
  }, 300_000)

  it('rebuilds an index that was deleted or cut short meanwhile', async () => {
    const dir = freshDir()
    for (const damage of [rmSync, (path: string) => truncateSync(path, 5_000)]) {
      const acknowledged = await recordUntilDeath(dir, { afterMs: 200 })
      for (const chunk of readdirSync(join(dir, 'chunks'))) {
        for (const name of readdirSync(join(dir, 'chunks', chunk))) {
          if (name.endsWith('.idx')) damage(join(dir, 'chunks', chunk, name))
        }
      }
      const events = await expectWhole(dir, acknowledged)
      await expectRecovers(dir, events)
    }
  }, 60_000)
})
