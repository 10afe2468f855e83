import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../packages/annals/src/stores/embedded/index.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { openTrail } from '../../packages/annals/src/trail/open-trail.ts'
import { makeWitness, resign } from './resign.ts'
import { clockedLog, nextHour, recordDoors } from './sealed-support.ts'
import {
  codes,
  copyOf,
  makeLog,
  openSmall,
  readForged,
  recordSome,
  segmentsOf,
  writeForged,
} from './support.ts'

/** Rewrites the entries of a log and signs it anew with its stolen keys. */
async function rewrite(dir: string, alter: (entry: string, n: number) => string): Promise<void> {
  const [ref] = segmentsOf(dir)
  const records = readForged(ref!)
  for (const [n, record] of records.entries()) record.entry = alter(record.entry, n)
  writeForged(ref!, records)
  await resign(dir)
}

const policyOf = (dir: string, witness: string): string =>
  `log ${readFileSync(join(dir, 'vkey'), 'utf8').trim()}\nwitness w ${witness}\nquorum w\n`

test('an event that was dropped before it got its position', async () => {
  const dir = await makeLog({ entries: 30, segment: 300 })
  await rewrite(dir, (entry, n) =>
    n < 20
      ? entry
      : entry.replace(
          /"s":\["([^"]+)",(\d+)\]/,
          (_, source, counter) => `"s":["${source}",${Number(counter) + 1}]`,
        ),
  )
  const report = await verifyDirectory(dir)
  expect(report.findings.map(({ code, index }) => [code, index])).toEqual([['E_SOURCE_GAP', 20]])
})

test('history rewritten with the stolen key: witnesses and kept checkpoints tell', async () => {
  const dir = await makeLog({ entries: 20, segment: 300 })
  const witness = makeWitness()
  const policyText = policyOf(dir, witness.vkey)
  expect(await codes(dir, { policyText })).toEqual(['E_WITNESS_QUORUM'])
  const now = Math.floor(Date.now() / 1_000)
  const kept = await witness.cosign(readFileSync(join(dir, 'checkpoint')), now)
  writeFileSync(join(dir, 'checkpoint'), kept)
  expect(await codes(dir, { policyText })).toEqual([])

  const rewritten = copyOf(dir)
  await rewrite(rewritten, entry => entry.replace('"o":"success"', '"o":"failure"'))
  // By itself it is faultless.
  expect(await codes(rewritten)).toEqual([])
  expect(await codes(rewritten, { policyText })).toEqual(['E_WITNESS_QUORUM'])
  expect(await codes(rewritten, { policyText, against: kept })).toEqual(
    expect.arrayContaining(['E_WITNESS_QUORUM', 'E_SPLIT_VIEW']),
  )
  const trail = await openSmall(rewritten)
  await recordSome(trail, 3)
  await trail.close()
  const found = await codes(rewritten, { policyText, against: kept })
  expect(found).toContain('E_WITNESS_QUORUM')
  expect(found.some(code => code.startsWith('E_CONSISTENCY'))).toBe(true)
})

test('forged entries are refused whatever signs them', async () => {
  const dir = await makeLog({ entries: 10, segment: 300 })
  const forged = async (alter: (entry: string, n: number) => string): Promise<string[]> => {
    const copy = copyOf(dir)
    await rewrite(copy, alter)
    return await codes(copy)
  }
  const at = (n: number, alter: (entry: string) => string) => (entry: string, m: number) =>
    m === n ? alter(entry) : entry
  expect(await forged(at(5, entry => entry.replace('"o":', '"o": ')))).toContain('E_CANON@5')
  expect(await forged(at(5, entry => entry.replace('"v":1', '"v":2')))).toContain('E_ENTRY_FORMAT@5')
  const earlier = at(5, entry => entry.replace(/"t":(\d+)/, (_, t) => `"t":${Number(t) - 60_000}`))
  expect(await forged(earlier)).toEqual(['E_TIME_ORDER@5'])
  const lower = at(5, entry => entry.replace(/"i":"......../, '"i":"00000000'))
  expect(await forged(lower)).toEqual(['E_DUP_ID@5'])
})

test('an entry dated back behind a checkpoint that was cosigned before', async () => {
  const log = clockedLog()
  const first = await log.open()
  await recordDoors(log, first, 5)
  await first.close()
  // Thirty idle days later a checkpoint is cosigned; then somebody sets the clock back.
  const witness = makeWitness()
  const later = log.clocks.wall() / 1_000 + 30 * 86_400
  const kept = await witness.cosign(readFileSync(join(log.dir, 'checkpoint')), later)
  const second = await log.open()
  await recordDoors(log, second, 5)
  await second.close()
  const policyText = policyOf(log.dir, witness.vkey).replace('quorum w', 'quorum none')
  const { size } = await verifyDirectory(log.dir)
  expect(await codes(log.dir, { policyText })).toEqual([])
  expect(await codes(log.dir, { policyText, against: kept })).toEqual([`E_BACKDATED@${size - 7}`])
  // With clocks that may differ by that much, nothing can be said.
  expect(await codes(log.dir, { policyText, against: kept, skewMs: 31 * 86_400_000 })).toEqual([])
  // Whose time is not trusted says nothing.
  expect(await codes(log.dir, { vkey: readFileSync(join(log.dir, 'vkey'), 'utf8'), against: kept })).toEqual(
    [],
  )
})

test('an entry dated ahead of a checkpoint that it is in', async () => {
  const log = clockedLog()
  const trail = await log.open()
  await recordDoors(log, trail, 5)
  log.clocks.by(30 * 86_400_000)
  await recordDoors(log, trail, 5)
  await trail.close()
  const witness = makeWitness()
  const note = readFileSync(join(log.dir, 'checkpoint'))
  writeFileSync(
    join(log.dir, 'checkpoint'),
    await witness.cosign(note, Date.parse('2026-01-05T10:12:00Z') / 1_000),
  )
  const policyText = policyOf(log.dir, witness.vkey)
  const found = await verifyDirectory(log.dir, { policyText })
  expect(found.findings).toMatchObject([
    { code: 'E_FUTURE', message: expect.stringContaining('later than a checkpoint that it is in') },
  ])
})

test('the own cosigner dates boundaries, where nothing else is trusted', async () => {
  const log = clockedLog()
  const trail = await log.open()
  await recordDoors(log, trail, 3)
  nextHour(log)
  await recordDoors(log, trail, 3)
  await trail.close()
  expect((await verifyDirectory(log.dir)).claim).toContain("a claim of the log's operator")
  // Its checkpoints are dated by a clock that is a year ahead.
  const ahead = clockedLog()
  const store = await openEmbedded({
    dir: ahead.dir,
    period: 'hour',
    clock: () => ahead.clocks.wall() + 365 * 86_400_000,
  })
  const dated = await openTrail({ store, clocks: ahead.clocks })
  await recordDoors(ahead, dated, 3)
  nextHour(ahead)
  await recordDoors(ahead, dated, 3)
  await dated.close()
  expect((await codes(ahead.dir)).some(code => code.startsWith('E_BACKDATED'))).toBe(true)
  expect(await codes(ahead.dir, { vkey: readFileSync(join(ahead.dir, 'vkey'), 'utf8') })).toEqual([])
})
