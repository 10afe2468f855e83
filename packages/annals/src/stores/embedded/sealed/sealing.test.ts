import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalize, decodeEntryBundle } from '@annals/tlog'
import { expect, it } from 'vitest'
import { assertWhole } from '../../../conformance/store/held.ts'
import { readRecord } from '../../../log/record-bytes.ts'
import { exportTiles } from '../../../trail/export-tiles.ts'
import { openEmbeddedReader } from '../open-reader.ts'
import { appendChunk, closeLog, openLog, temporaryDirectory } from './sealing.test-support.ts'

it('seals a chunk: the same records, compact, under a manifest of what it holds', async () => {
  const dir = temporaryDirectory()
  const log = await openLog(dir)
  const first = await appendChunk(log, 700, 1)
  const second = await appendChunk(log, 500, 2)
  const third = await appendChunk(log, 10, 3)
  const before = await log.store.log.chunks()
  expect(before.map(({ lo, hi, state }) => [lo, hi, state])).toEqual([
    [0, 700, 'closed'],
    [700, 1200, 'closed'],
    [1200, 1210, 'open'],
  ])
  for (const lo of [second, first]) {
    const manifest = await log.store.log.seal(lo)
    expect(await log.store.log.seal(lo)).toEqual(manifest)
    expect(await log.store.log.manifest(lo)).toEqual(manifest)
    const [directory] = before.filter(chunk => chunk.lo === lo).map(chunk => chunk.period)
    const text = readFileSync(join(dir, 'chunks', directory as string, 'seal.json'))
    expect(canonicalize(manifest)).toEqual(text.toString('utf8'))
    const names = readdirSync(join(dir, 'chunks', directory as string))
    expect(names.filter(name => /\.(seg|tmp)$/.test(name))).toEqual([])
    const written = log.written.slice(manifest.lo, manifest.hi)
    for (const [retention, { count, positions }] of Object.entries(manifest.classes)) {
      const of = written.filter(({ event }) => event.retention === retention)
      expect(count).toBe(of.length)
      const hash = createHash('sha256')
      for (const { index } of of) hash.update(Buffer.from(index.toString(16).padStart(16, '0'), 'hex'))
      expect(positions).toBe(hash.digest('base64url'))
    }
    expect([manifest.first, manifest.last]).toEqual([written[0]?.time, written.at(-1)?.time])
  }
  await expect(log.store.log.seal(third)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
  const after = await log.store.log.chunks()
  expect(after.map(({ state }) => state)).toEqual(['sealed', 'sealed', 'open'])
  await assertWhole(log)
})

it('refuses a chunk that is not what was signed, and leaves everything as it was', async () => {
  const dir = temporaryDirectory()
  const log = await openLog(dir)
  const lo = await appendChunk(log, 400, 4)
  await appendChunk(log, 10, 5)
  const [chunk] = await log.store.log.chunks()
  const path = join(dir, 'chunks', chunk?.period ?? '', '000000000300.seg')
  const sound = readFileSync(path)
  const entry = sound.indexOf('{"a":"')
  for (const at of [entry + 8, sound.indexOf('"actor"') + 2]) {
    const bytes = Buffer.from(sound)
    bytes[at] = (bytes[at] as number) ^ 1
    writeFileSync(path, bytes)
    const before = filesOf(dir)
    await expect(log.store.log.seal(lo)).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
    expect(filesOf(dir)).toEqual(before)
  }
  writeFileSync(path, sound)
  // Sound in every record, but held against another checkpoint.
  const checkpoint = join(dir, 'checkpoints', '000000000400')
  const kept = readFileSync(checkpoint)
  writeFileSync(checkpoint, readFileSync(join(dir, 'checkpoints', '000000000410')))
  await expect(log.store.log.seal(lo)).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
  rmSync(checkpoint)
  await expect(log.store.log.seal(lo)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  writeFileSync(checkpoint, kept)
  await log.store.log.seal(lo)
  await assertWhole(log)
})

it('seals only what has ended, and thins and drops only what is sealed', async () => {
  const log = await openLog(temporaryDirectory())
  await appendChunk(log, 120, 6)
  const open = await appendChunk(log, 10, 7)
  const { log: store } = log.store
  await expect(store.seal(open)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
  await expect(store.seal(1)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  expect(await store.manifest(1)).toBeUndefined()
  expect(await store.manifest(0)).toBeUndefined()
  await expect(store.thin(0, [[0, 5]])).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
  await expect(store.drop(0)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
  await assertWhole(log)
})

it('cannot be written when the log ends in a sealed chunk, but be read', async () => {
  const dir = temporaryDirectory()
  const log = await openLog(dir)
  const lo = await appendChunk(log, 120, 8)
  await log.append([{ action: 'after' }])
  await log.store.log.seal(lo)
  const [, last] = await log.store.log.chunks()
  await closeLog(log)
  rmSync(join(dir, 'chunks', last?.period ?? ''), { recursive: true })
  const reader = await openEmbeddedReader({ dir })
  expect(reader.size()).toBe(120)
  expect(await reader.search.position(log.written[119]?.event.id ?? '')).toBe(119)
  await reader.close()
  await expect(openLog(dir)).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
})

it('says at opening whether the open chunk holds nothing but entries of the log, and keeps it in one directory', async () => {
  const dir = temporaryDirectory()
  let log = await openLog(dir, { segments: { events: 4 } })
  expect(log.head.chunk).toBeUndefined()
  const expectOwn = async (own: boolean): Promise<void> => {
    await closeLog(log)
    log = await openLog(dir, { segments: { events: 4 } })
    expect(log.head.chunk).toMatchObject({ lo: 0, own })
  }
  for (let n = 0; n < 3; n++) {
    await log.append(Array.from({ length: 3 }, () => ({ action: 'log.source.open' })))
    await expectOwn(true)
  }
  await log.append([{ action: 'logbook.open' }])
  await expectOwn(false)
  for (let n = 0; n < 3; n++) {
    await log.append(Array.from({ length: 3 }, () => ({ action: 'log.source.open' })))
    await expectOwn(false)
  }
  expect(readdirSync(join(dir, 'chunks'))).toHaveLength(1)
})

it('exports tiles of what is gone, and says for which positions there are no bundles', async () => {
  const dir = temporaryDirectory()
  const log = await openLog(dir)
  const lo = await appendChunk(log, 700, 9)
  await appendChunk(log, 400, 10)
  await log.store.log.seal(lo)
  await log.store.log.thin(lo, [[300, 310]])
  const out = join(dir, 'out')
  expect(await exportTiles({ dir, out })).toEqual({ size: 1100, missing: [[256, 512]] })
  const third = decodeEntryBundle(readFileSync(join(out, 'tile/entries/002')), 256)
  expect(third.map(entry => Buffer.from(entry))).toEqual(
    log.written.slice(512, 768).map(({ bytes }) => readRecord(bytes, 0).entry),
  )
  await log.store.log.drop(lo)
  rmSync(out, { recursive: true })
  expect(await exportTiles({ dir, out })).toEqual({ size: 1100, missing: [[0, 768]] })
  expect(readdirSync(join(out, 'tile/entries')).sort()).toEqual(['003', '004.p'])
  expect(readdirSync(join(out, 'tile/0')).sort()).toEqual(['000', '001', '002', '003', '004.p'])
})

function filesOf(dir: string): readonly string[] {
  return readdirSync(join(dir, 'chunks'), { recursive: true, encoding: 'utf8' }).filter(
    name => !/\.idx/.test(name),
  )
}
