import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, expect, test } from 'vitest'
import { type ActContext, defineAct } from '../../packages/annals/src/lifecycle/act.ts'
import { erase } from '../../packages/annals/src/lifecycle/erase.ts'
import { ownDraft } from '../../packages/annals/src/lifecycle/own-entries.ts'
import { retireLogKey, rotateLogKey } from '../../packages/annals/src/lifecycle/rotate-log-key.ts'
import { openEmbedded } from '../../packages/annals/src/stores/embedded/index.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import type { Trail } from '../../packages/annals/src/trail/trail.ts'
import { readSealedFile, writeSealedFile } from './forge-sealed.ts'
import { type ClockedLog, chunkOf, clockedLog, recordDoors, sealedLog } from './sealed-support.ts'
import {
  codes,
  copyOf,
  filesBelow,
  lasting,
  readForged,
  segmentsOf,
  temporary,
  writeForged,
} from './support.ts'

/** Three sealed chunks and an open one, of ann and bob in turn. */
let base = ''

beforeAll(async () => {
  base = lasting()
  await sealedLog(3, 12, base)
  return () => rmSync(base, { recursive: true })
}, 60_000)

/** A copy of the log, an hour and a half later. */
function copied(): ClockedLog {
  const dir = copyOf(base)
  const log = clockedLog('2026-01-05T14:30:00Z', dir)
  return log
}

/** Opens the log, works on it, and closes it. */
async function during<T>(log: ClockedLog, work: (trail: Trail) => Promise<T>): Promise<T> {
  const trail = await log.open()
  try {
    return await work(trail)
  } finally {
    await trail.close()
  }
}

/** Does something with what acts work with. */
function withContext<T>(log: ClockedLog, work: (context: ActContext) => Promise<T>): Promise<T> {
  const act = defineAct({ name: 'test', check: () => undefined, perform: (_, context) => work(context) })
  return during(log, trail => trail.perform(act, undefined))
}

const errors = (found: readonly string[]): string[] => found.filter(code => code.startsWith('E_'))
const ANN = { type: 'user', id: 'ann' }

test('a person, an event and a part erased: everything else verifies, and what is gone is counted', async () => {
  const log = copied()
  const place = 16
  await during(log, async trail => {
    await trail.perform(erase, { events: [place], parts: ['what'], basis: 'an agreement' })
    await trail.perform(erase, { persons: [ANN], basis: 'GDPR Art. 17' })
    await trail.perform(erase, { events: [4, 30], basis: 'an order' })
    await recordDoors(log, trail, 4)
  })
  const report = await verifyDirectory(log.dir, { deep: true })
  expect(errors(report.findings.map(({ code }) => code))).toEqual([])
  expect(report.findings).toMatchObject([{ code: 'W_ERASED' }])
  const gone = await goneParts(log)
  expect(report.erased).toBe(gone)
  expect(gone).toBeGreaterThan(24)
  expect(report.claim).toContain(`${gone} erased under the authority of 3 entries`)
})

async function goneParts(log: ClockedLog): Promise<number> {
  return await withContext(log, async ({ store }) => {
    let gone = 0
    for await (const batch of store.log.read(0, Number.MAX_SAFE_INTEGER))
      for (const { record } of batch) gone += record.parts.filter(part => part.bytes === null).length
    return gone
  })
}

test('a redaction that names another event is no authority', async () => {
  const log = copied()
  await during(log, trail => trail.perform(erase, { events: [18], basis: 'an order' }))
  const path = join(chunkOf(log.dir, 11), '000000000015.sealed')
  const file = readSealedFile(path)
  for (const part of file.records[4]!.parts)
    Object.assign(part, { erased: true, keys: Buffer.alloc(0), bytes: Buffer.alloc(0) })
  writeSealedFile(path, file)
  expect(errors(await codes(log.dir))).toEqual(['E_PART_REMOVED@19', 'E_PART_REMOVED@19'])
})

test('content put back in the place of erased parts, sealed and not', async () => {
  const log = copied()
  const before = readSealedFile(join(chunkOf(log.dir, 11), '000000000015.sealed')).records[3]!
  const open = await during(log, async trail => {
    const { index = -1 } = await trail.record('door.open', { actor: { type: 'user', id: 'bob' } })
    await trail.perform(erase, { events: [18, index], basis: 'an order' })
    return index
  })
  expect(errors(await codes(log.dir))).toEqual([])
  const path = join(chunkOf(log.dir, 11), '000000000015.sealed')
  const file = readSealedFile(path)
  file.records[3] = {
    ...before,
    parts: before.parts.map(part => ({ ...part, bytes: Buffer.from('{"fake":true}') })),
  }
  writeSealedFile(path, file)
  const found = errors(await codes(log.dir))
  expect(found).toEqual(['E_PART_MISMATCH@18', 'E_PART_MISMATCH@18'])
  // Also the true content is something that must not be there.
  file.records[3] = before
  writeSealedFile(path, file)
  expect(errors(await codes(log.dir))).toEqual(['E_PART_MISMATCH@18', 'E_PART_MISMATCH@18'])

  const ref = segmentsOf(log.dir).at(-1)!
  const records = readForged(ref)
  const record = records[open - ref.first]!
  for (const part of record.parts) part.bytes = Buffer.from('{}')
  writeForged(ref, records, ref.first)
  const both = errors(await codes(log.dir))
  expect(both).toEqual(expect.arrayContaining([`E_PART_MISMATCH@${open}`]))
})

test('keys that are gone without authority', async () => {
  const log = copied()
  await withContext(log, ({ store }) => store.keys.puncture(15, 'standard', [{ offset: 3, kept: [] }]))
  expect(await codes(log.dir)).toEqual(['E_KEY_MISSING@18'])
  const other = copied()
  await withContext(other, ({ store }) => store.keys.destroyClass(15, 'personal', []))
  expect((await codes(other.dir))[0]).toBe('E_KEY_MISSING@17')
  const person = copied()
  const db = new DatabaseSync(join(person.dir, 'keys', 'subjects.db'))
  db.exec('DELETE FROM subject WHERE tag IS NOT NULL')
  db.close()
  expect(errors(await codes(person.dir))).toEqual(['E_KEY_MISSING@3', 'E_KEY_MISSING@4'])
})

test('an older data directory with the keys of now', async () => {
  const log = copied()
  const older = copyOf(log.dir)
  await during(log, trail => trail.perform(erase, { persons: [ANN], basis: 'GDPR Art. 17' }))
  rmSync(join(older, 'keys'), { recursive: true })
  cpSync(join(log.dir, 'keys'), join(older, 'keys'), { recursive: true })
  const found = await codes(older)
  expect(found).toEqual(expect.arrayContaining(['E_KEY_MISSING@3']))
  expect(found.some(code => code.startsWith('E_ROLLBACK'))).toBe(true)
})

test('older segments beside newer keys: what the log orders is still to be done', async () => {
  const log = copied()
  const older = copyOf(log.dir)
  await during(log, trail => trail.perform(erase, { persons: [ANN], basis: 'GDPR Art. 17' }))
  const chunk = chunkOf(log.dir, 11)
  rmSync(chunk, { recursive: true })
  cpSync(chunkOf(older, 11), chunk, { recursive: true })
  // As the writer's state of the older copy says.
  cpSync(join(older, 'state.json'), join(log.dir, 'state.json'))
  expect(errors(await codes(log.dir))).toEqual([])
  expect(await codes(log.dir)).toEqual(expect.arrayContaining(['W_ERASURE_PENDING', 'W_ERASED']))
  await (await log.open()).close()
  expect((await codes(log.dir, { deep: true })).filter(code => code !== 'W_ERASED')).toEqual([])
})

test('a rolled-back key store is brought up to the log before anything is served', async () => {
  const log = copied()
  await during(log, trail => recordDoors(log, trail, 1))
  const keys = join(temporary(), 'keys')
  cpSync(join(log.dir, 'keys'), keys, { recursive: true })
  await during(log, trail => trail.perform(erase, { persons: [ANN], basis: 'GDPR Art. 17' }))
  const subjects = (): number => {
    const db = new DatabaseSync(join(log.dir, 'keys', 'subjects.db'), { readOnly: true })
    const row = db.prepare('SELECT count(*) AS n FROM subject WHERE tag IS NOT NULL').get() as { n: number }
    db.close()
    return row.n
  }
  const after = subjects()
  const head = readFileSync(join(log.dir, 'keys', 'signed-head.json'))
  rmSync(join(log.dir, 'keys'), { recursive: true })
  cpSync(keys, join(log.dir, 'keys'), { recursive: true })
  writeFileSync(join(log.dir, 'keys', 'signed-head.json'), head)
  expect(subjects()).toBe(after + 1)
  expect(errors(await codes(log.dir))).toEqual([])
  await (await log.open()).close()
  expect(subjects()).toBe(after)
  expect(errors(await codes(log.dir))).toEqual([])
})

test('retention before its time, and by a rule that nobody laid down', { timeout: 120_000 }, async () => {
  const expire = async (data: Record<string, unknown>, days: number): Promise<string[]> => {
    const log = copied()
    log.clocks.by(days * 86_400_000)
    await withContext(log, async ({ record, store }) => {
      await record([
        ownDraft('log.retention', { chunk: 15, class: 'personal', entries: 4, held: 0, ...data } as never),
      ])
      await store.log.thin(
        15,
        [17, 20, 23, 26].map(index => [index, index + 1] as const),
      )
      await store.keys.destroyClass(15, 'personal', [])
    })
    return errors(await codes(log.dir))
  }
  const allowed = 90 * 86_400
  expect(await expire({ seconds: allowed }, 91)).toEqual([])
  expect(await expire({ seconds: allowed }, 89)).toEqual(['E_RETENTION_EARLY@17'])
  expect(await expire({ seconds: allowed - 1 }, 91)).toEqual(['E_RETENTION_EARLY@17'])
  expect(await expire({ last: 1 }, 91)).toEqual(['E_RETENTION_EARLY@17'])
  expect(await expire({ seconds: allowed, ranges: [[15, 23]] }, 91)).toEqual(['E_PRUNED_UNAUTHORISED@23'])
  expect(await expire({ seconds: allowed, class: 'standard' }, 181)).toEqual(['E_PRUNED_UNAUTHORISED@17'])
  expect(await expire({ seconds: allowed, tenant: 'acme' }, 91)).toEqual(['E_PRUNED_UNAUTHORISED@17'])
  expect(await expire({ seconds: allowed, chunk: 27 }, 91)).toEqual(['E_PRUNED_UNAUTHORISED@17'])
})

test('a changed key: both keys, one, and one that the log does not name', async () => {
  const log = copied()
  const old = readFileSync(join(log.dir, 'vkey'), 'utf8').trim()
  const { vkey } = await during(log, trail => trail.perform(rotateLogKey, { overlap: 60 }))
  const policyText = `log ${old}\nlog ${vkey}\nquorum none\n`
  expect(await codes(log.dir)).toEqual([])
  for (const trust of [{ policyText }, { vkey: old }, { vkey }])
    expect(errors(await codes(log.dir, trust)).filter(code => code !== 'E_SIG_NONE')).toEqual([])
  log.clocks.by(3_600_000)
  await during(log, async trail => {
    await trail.perform(retireLogKey, {})
    await recordDoors(log, trail, 3)
  })
  expect(await codes(log.dir)).toEqual([])
  expect(await codes(log.dir, { policyText })).toEqual([])
  // Who knows the old key only must be told the new one.
  expect(await codes(log.dir, { vkey: old })).toContain('E_SIG_NONE')
  const stranger = (await makeStranger()).trim()
  writeFileSync(join(log.dir, 'vkey'), `${readFileSync(join(log.dir, 'vkey'), 'utf8').trim()}\n${stranger}\n`)
  expect(await codes(log.dir)).toEqual(['E_SIG_NONE'])
})

async function makeStranger(): Promise<string> {
  const other = clockedLog()
  await during(other, trail => recordDoors(other, trail, 1))
  return readFileSync(join(other.dir, 'vkey'), 'utf8')
}

test('a second writer is kept out', async () => {
  const log = copied()
  const trail = await log.open()
  await expect(openEmbedded({ dir: log.dir })).rejects.toMatchObject({ code: 'ANNALS_LOCKED' })
  await recordDoors(log, trail, 3)
  await trail.close()
  expect(await codes(log.dir)).toEqual([])
  expect(filesBelow(log.dir).some(path => path.endsWith('.tmp'))).toBe(false)
})
