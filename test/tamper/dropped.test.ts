import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archive } from '../../packages/annals/src/lifecycle/archive/run.ts'
import { erase } from '../../packages/annals/src/lifecycle/erase.ts'
import { seal } from '../../packages/annals/src/lifecycle/seal.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { writeSpineFile } from './forge-sealed.ts'
import { type ClockedLog, chunkOf, clockedLog, nextHour, recordDoors } from './sealed-support.ts'
import { codes, copyOf, filesBelow, temporary } from './support.ts'

/** Five chunks of a few events; something of the first is erased while the third is open, and all that are sealed are archived. */
async function archivedLog(): Promise<ClockedLog & { readonly archived: string }> {
  const archived = join(temporary(), 'archive')
  mkdirSync(archived)
  const log = clockedLog()
  const trail = await log.open()
  for (let n = 0; n < 5; n++) {
    await recordDoors(log, trail, 4)
    if (n === 2) await trail.perform(erase, { events: [4], basis: 'an order' })
    nextHour(log)
  }
  await recordDoors(log, trail, 1)
  await trail.perform(seal, {})
  await trail.perform(archive, { archive: { kind: 'directory', dir: archived } })
  await trail.close()
  return { ...log, archived }
}

async function drop(log: ClockedLog & { readonly archived: string }, hour: number): Promise<void> {
  const [segment = ''] = filesBelow(chunkOf(log.dir, hour)).filter(path => path.endsWith('.sealed'))
  const only = Number(/(\d+)\.sealed$/.exec(segment)?.[1])
  const trail = await log.open()
  await trail.perform(archive, { archive: { kind: 'directory', dir: log.archived }, only, dropAfter: 60 })
  await trail.close()
}

test('a dropped chunk verifies under its archiving, and goes on explaining what it ordered', async () => {
  const log = await archivedLog()
  const bare = await verifyDirectory(log.dir, { deep: true })
  expect(bare.findings.map(({ code }) => code)).toEqual(['W_ERASED'])
  await drop(log, 11)
  const report = await verifyDirectory(log.dir, { deep: true })
  expect(report.findings.map(({ code }) => code)).toEqual(['W_DROPPED', 'W_ERASED'])
  expect(report.claim).toContain('entries are in the archive only')
  // The chunk in which the erasure was ordered.
  await drop(log, 12)
  const again = await verifyDirectory(log.dir, { deep: true })
  expect(again.findings.map(({ code }) => code)).toEqual(['W_DROPPED', 'W_ERASED'])
  expect(again.erased).toBe(report.erased)
})

test('a chunk dropped although another was archived', async () => {
  const log = await archivedLog()
  const dir = copyOf(log.dir)
  await drop(log, 11)
  expect(filesBelow(chunkOf(log.dir, 11)).some(path => path.endsWith('/dropped'))).toBe(true)
  // The last chunk is open: nobody has archived it.
  const [open = ''] = filesBelow(chunkOf(dir, 15)).filter(path => path.endsWith('.seg'))
  const { size } = await verifyDirectory(dir)
  const first = Number(/(\d+)\.seg$/.exec(open)?.[1])
  writeSpineFile(
    open.replace('.seg', '.spine'),
    first,
    first,
    Array.from({ length: size - first }, () => Buffer.alloc(32)),
  )
  rmSync(open)
  const found = await codes(dir)
  expect(found).toContain(`E_PRUNED_UNAUTHORISED@${first}`)
  expect(found.some(code => code.startsWith('E_ROOT'))).toBe(true)
})
