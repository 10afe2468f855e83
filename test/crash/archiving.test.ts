import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openReader, openTrail, verifyArchive, verifyDirectory } from 'annals'
import { type ArchiveRun, archive } from 'annals/lifecycle'
import { openEmbedded } from 'annals/stores/embedded'
import { afterAll, expect, it } from 'vitest'
import { rounds } from './campaign.ts'

const CHILD = new URL('./archiving-child.ts', import.meta.url).pathname
const NODE = ['--conditions=annals-source', '--no-warnings', CHILD]
const EVENTS = 60

const dirs: string[] = []
const freshDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'annals-archiving-'))
  dirs.push(dir)
  return dir
}
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
})

/** A log with one day that has ended. */
async function makeLog(): Promise<{ readonly dir: string; readonly vkey: string }> {
  const dir = join(freshDir(), 'log')
  let time = Date.now() - 2 * 86_400_000
  const store = await openEmbedded({ dir, origin: 'example.com/crash' })
  const trail = await openTrail({ store, clocks: { wall: () => time, mono: () => time } })
  for (let n = 0; n < EVENTS; n++)
    await trail.record('door.open', { actor: { type: 'user', id: `u${n % 5}` }, data: { n } })
  time += 86_400_000
  await trail.record('door.close')
  await trail.close()
  return { dir, vkey: store.signer.vkey }
}

function archiveUntil(
  dir: string,
  to: string,
  killAt: number,
): { steps: number; run: ArchiveRun } | undefined {
  const child = spawnSync(process.execPath, [...NODE, dir, to, String(killAt)], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (child.signal === 'SIGKILL') return undefined
  expect(child.stderr).toBe('')
  return JSON.parse(child.stdout) as { steps: number; run: ArchiveRun }
}

/** What must hold wherever a run died: the content is in the log, or an archive that the log names has it whole. */
async function expectNothingLost(dir: string, to: string, vkey: string): Promise<void> {
  await using reader = await openReader({ dir })
  const stated = await Array.fromAsync(reader.events('action:log.archive'))
  const hot = (await Array.fromAsync(reader.events('action:door.open'))).length
  if (stated.length === 0) expect(hot).toBe(EVENTS)
  else {
    const archived = await verifyArchive({ archive: { kind: 'directory', dir: to }, vkey, keys: dir })
    expect(archived.findings).toEqual([])
    // Each chunk is stated once; what ended meanwhile is another.
    const chunks = stated.map(({ data }) => (data as { lo: number }).lo)
    expect(new Set(chunks).size).toBe(chunks.length)
    if (hot !== EVENTS) expect(hot).toBe(0)
  }
  const report = await verifyDirectory(dir, { vkey })
  expect(report.findings.filter(({ code }) => code.startsWith('E_'))).toEqual([])
}

/** How many moments of a run are tried. */
const MOMENTS = rounds(18)

it('archiving that dies between any two steps loses nothing, and the next run finishes it', async () => {
  const { dir: model, vkey } = await makeLog()
  const copy = (): { dir: string; to: string } => {
    const base = freshDir()
    cpSync(model, join(base, 'log'), { recursive: true })
    return { dir: join(base, 'log'), to: join(base, 'archive') }
  }
  const whole = copy()
  const { steps } = archiveUntil(whole.dir, whole.to, 0) as { steps: number }
  expect(steps).toBeGreaterThan(30)
  const every = Math.ceil(steps / MOMENTS)
  let died = 0
  // Other moments each time, evenly over the whole run.
  for (let at = 1 + Math.floor(Math.random() * every); at <= steps; at += every) {
    const { dir, to } = copy()
    if (archiveUntil(dir, to, at) === undefined) died++
    await expectNothingLost(dir, to, vkey)
    const trail = await openTrail({ dir, sealing: 'manual' })
    await trail.perform(archive, { archive: { kind: 'directory', dir: to }, dropAfter: 0 })
    await trail.close()
    await expectNothingLost(dir, to, vkey)
    await using reader = await openReader({ dir })
    expect(await Array.fromAsync(reader.events('action:door.open')), `died at ${at} of ${steps}`).toEqual([])
    const manifests = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter(
      name => name.includes('/000000000000-') && name.endsWith('manifest.json'),
    )
    expect(manifests).toHaveLength(1)
    expect(existsSync(join(dir, 'archive-staging'))).toBe(false)
  }
  expect(died).toBeGreaterThanOrEqual(MOMENTS - 3)
}, 300_000)
