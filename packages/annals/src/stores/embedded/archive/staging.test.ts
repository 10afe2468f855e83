import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openDirectoryArchive } from '../../../archives/directory.ts'
import { clockedTrail, recordDays } from '../../../lifecycle/archive/archive.test-support.ts'
import { archive } from '../../../lifecycle/archive/run.ts'
import { verifyArchive } from '../../../trail/verify-archive.ts'
import { openMemory } from '../../memory/index.ts'
import { openEmbedded } from '../open.ts'

function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-staging-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

it('an embedded log is archived from a thread of its own, and verified with its keys', async () => {
  const [dir, to] = [join(place(), 'log'), place()]
  mkdirSync(join(dir, 'archive-staging/chunk-left'), { recursive: true })
  writeFileSync(join(dir, 'archive-staging/chunk-left/entries.bundle'), 'left by a crash')
  const log = await clockedTrail({}, await openEmbedded({ dir, origin: 'example.com/staged' }))
  expect(existsSync(join(dir, 'archive-staging'))).toBe(false)
  await recordDays(log, 2, 300)
  const { archived } = await log.trail.perform(archive, {
    archive: { kind: 'directory', dir: to },
    dropAfter: 90_000,
  })
  expect(archived.map(one => one.period)).toEqual(['2026-03-01', '2026-03-02'])
  expect((await log.store.log.chunks()).map(chunk => chunk.state)).toEqual(['dropped', 'sealed', 'open'])
  expect(existsSync(join(dir, 'archive-staging'))).toBe(false)
  await log.trail.close()
  const { vkey } = log.store.signer
  const report = await verifyArchive({ archive: { kind: 'directory', dir: to }, vkey, keys: dir })
  expect(report.findings).toEqual([])
  expect(report.claim).toContain('their parts are what was recorded')
})

it('a log whose secrets are kept elsewhere is archived, too', async () => {
  const [dir, to] = [place(), place()]
  const other = await openMemory()
  onTestFinished(() => other.close())
  const log = await clockedTrail({}, await openEmbedded({ dir, keys: other.keys }))
  await recordDays(log, 1, 100)
  await log.trail.perform(archive, { archive: { kind: 'directory', dir: to } })
  await log.trail.close()
  const report = await verifyArchive({ archive: { kind: 'directory', dir: to }, vkey: log.store.signer.vkey })
  expect(report).toMatchObject({ ok: true })
  expect(await Array.fromAsync(openDirectoryArchive({ dir: to }).list(''))).toHaveLength(6)
})
