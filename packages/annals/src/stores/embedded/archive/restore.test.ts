import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  type ClockedTrail,
  clockedTrail,
  recordDays,
} from '../../../lifecycle/archive/archive.test-support.ts'
import { archive } from '../../../lifecycle/archive/run.ts'
import { erase } from '../../../lifecycle/erase.ts'
import type { AuditEvent } from '../../../model/index.ts'
import { openReader } from '../../../trail/open-reader.ts'
import { openTrail } from '../../../trail/open-trail.ts'
import { listArchive, restoreArchive } from '../../../trail/restore-archive.ts'
import { verifyDirectory } from '../../../trail/verify-store.ts'
import { openEmbedded } from '../open.ts'

function place(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-restore-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function archived(
  days = 2,
): Promise<ClockedTrail & { readonly dir: string; readonly to: { kind: 'directory'; dir: string } }> {
  const dir = place()
  const to = { kind: 'directory' as const, dir: place() }
  const log = await clockedTrail({}, await openEmbedded({ dir, origin: 'example.com/restored' }))
  onTestFinished(() => log.trail.close().catch(() => {}))
  await recordDays(log, days, 150)
  return { ...log, dir, to }
}

async function eventsOf(dir: string, query = ''): Promise<AuditEvent[]> {
  await using reader = await openReader({ dir })
  return await Array.fromAsync(reader.events(query, { includeLog: true }))
}

it('restores a searchable copy that verifies, and that nobody can write', async () => {
  const { trail, store, dir, to } = await archived()
  await trail.perform(archive, { archive: to })
  const listed = await listArchive({ archive: to })
  expect(listed.map(one => one.period)).toEqual(['2026-03-01', '2026-03-02'])
  const hi = listed.at(-1)?.hi as number
  const before = (await Array.fromAsync(trail.events('', { includeLog: true }))).filter(
    event => event.index < hi,
  )
  await trail.perform(archive, { archive: to, dropAfter: 0 })
  await trail.close()
  const out = join(place(), 'restored')
  const made = await restoreArchive({ archive: to, keys: dir, out })
  expect(made).toEqual({ chunks: 2, entries: hi, lost: 0, thinned: 0 })
  expect(await eventsOf(out)).toEqual(before)
  const query = 'target:user/u1 OR action:machine.*'
  expect((await eventsOf(out, query)).map(event => event.id)).toEqual(
    before
      .filter(
        event =>
          event.action.startsWith('machine.') ||
          event.targets.some(one => one.type === 'user' && one.id === 'u1'),
      )
      .map(event => event.id),
  )
  const report = await verifyDirectory(out, { vkey: store.signer.vkey })
  expect(report.findings.filter(({ code }) => code.startsWith('E_'))).toEqual([])
  expect(report.size).toBe(hi)
  await expect(openTrail({ dir: out })).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
  expect(readdirSync(out)).not.toContain('keys')
  await expect(restoreArchive({ archive: to, keys: dir, out })).rejects.toMatchObject({
    code: 'ANNALS_CONFLICT',
  })
})

it('erased content stays erased, whether it went before the archiving or since', async () => {
  const { trail, store, dir, to } = await archived(1)
  const person = { persons: [{ type: 'user', id: 'u1' }], basis: 'Art. 17' }
  const parts = (await Array.fromAsync(trail.events('actor:user/u2'))).length
  expect(parts).toBeGreaterThan(3)
  await trail.perform(erase, person as never)
  await trail.perform(archive, { archive: to })
  await trail.perform(erase, { ...person, persons: [{ type: 'user', id: 'u2' }] } as never)
  await trail.close()
  const out = join(place(), 'restored')
  const made = await restoreArchive({ archive: to, keys: dir, out })
  expect(made.lost).toBeGreaterThan(parts)
  expect(await eventsOf(out, 'actor:user/u1 OR actor:user/u2 OR target:user/u1 OR target:user/u2')).toEqual(
    [],
  )
  // What authorises the second erasure is not among what was restored, and the log itself has it.
  const { findings } = await verifyDirectory(out, { vkey: store.signer.vkey })
  const failed = new Set(findings.map(({ code }) => code).filter(code => code.startsWith('E_')))
  expect(failed).toEqual(new Set(['E_AUTHORITY_DROPPED']))
  for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const bytes = readFileSync(join(entry.parentPath, entry.name))
    for (const name of ['Zoë 1', 'Zoë 2']) expect(bytes.includes(name)).toBe(false)
  }
})

it('restores one chunk, and refuses an archive that was altered', async () => {
  const { trail, dir, to } = await archived(3)
  const run = await trail.perform(archive, { archive: to })
  await trail.close()
  const [, second] = run.archived
  const out = join(place(), 'one')
  await restoreArchive({ archive: to, keys: dir, out, only: second?.chunk as number })
  const events = await eventsOf(out)
  expect(events[0]?.index).toBe(second?.chunk)
  expect(events).toHaveLength(second?.entries as number)
  await expect(
    restoreArchive({ archive: to, keys: dir, out: join(place(), 'x'), only: 7 }),
  ).rejects.toMatchObject({
    code: 'ANNALS_NOT_FOUND',
  })
  rmSync(join(to.dir, second?.path as string), { recursive: true, force: true })
  await expect(restoreArchive({ archive: to, keys: dir, out: join(place(), 'x') })).rejects.toMatchObject({
    code: 'ANNALS_NOT_FOUND',
  })
})
