import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SampleLog } from '../../../conformance/store/sample-log.ts'
import { variedDrafts } from '../../../conformance/store/varied-drafts.ts'
import type { PartPlace } from '../../../log/log-store.ts'
import { readRecord } from '../../../log/record-bytes.ts'
import { indexIntact } from '../index/segment-index.ts'
import { openEmbedded } from '../open.ts'
import { listSegments, type SegmentRef } from '../segment-file.ts'

interface Opened {
  readonly dir: string
  readonly log: SampleLog
  refs(): SegmentRef[]
}

/**
 * A sealed chunk, closed segments and an open one, of 50 entries each, all with their search indexes.
 *
 * @param told what the index thread may have to say
 */
async function sealedClosedOpen(told: readonly RegExp[] = []): Promise<Opened> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-erase-'))
  const failures: Error[] = []
  const store = await openEmbedded({
    dir,
    period: 'hour',
    segments: { events: 50 },
    onError: error => failures.push(error),
  })
  onTestFinished(async () => {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
    for (const { message } of failures)
      expect(
        told.some(pattern => pattern.test(message)),
        message,
      ).toBe(true)
  })
  const log = await SampleLog.on(store)
  const drafts = variedDrafts(220, 5)
  for (let n = 0; n < 220; n += 10) {
    if (n === 100) await log.endChunk()
    await log.append(drafts.slice(n, n + 10))
  }
  const opened = { dir, log, refs: () => listSegments(join(dir, 'chunks')) }
  await indexed(opened)
  await store.log.seal(0)
  await indexed(opened)
  return opened
}

async function indexed({ refs }: Pick<Opened, 'refs'>): Promise<void> {
  await expect
    .poll(
      () =>
        refs().every((ref, i, all) => (i + 1 < all.length ? indexIntact(ref.index) : existsSync(ref.index))),
      {
        timeout: 20_000,
      },
    )
    .toBe(true)
}

it('search indexes are changed, not made anew, when little is erased', async () => {
  const opened = await sealedClosedOpen()
  const open = opened.refs().at(-1) as SegmentRef
  const { ino } = statSync(open.index)
  const parts = [3, 60, 110, 170, 215].flatMap((index): PartPlace[] => [
    [index, 'what'],
    [index, 'who'],
  ])
  await opened.log.store.log.erase(parts)
  // At once: one that is made anew needs a while.
  const refs = opened.refs()
  expect(refs.map(({ form }) => form)).toEqual(['sealed', 'sealed', 'seg', 'seg', 'seg'])
  expect(refs.slice(0, -1).map(({ index }) => indexIntact(index))).toEqual([true, true, true, true])
  expect(statSync(open.index).ino).toBe(ino)
})

it('a damaged part is erased like any other', async () => {
  const opened = await sealedClosedOpen()
  const ref = opened.refs()[2] as SegmentRef
  const bytes = readFileSync(ref.path)
  const record = opened.log.written[103]?.bytes as Buffer
  const at = bytes.indexOf(record)
  const name = 'who'
  const content = readRecord(record, 0).parts.find(part => part.name === name)?.bytes as Buffer
  const inPart = at + record.indexOf(content)
  bytes[inPart] = (bytes[inPart] as number) ^ 1
  writeFileSync(ref.path, bytes)
  await opened.log.store.log.erase([
    [101, name],
    [103, name],
  ])
  const after = readFileSync(ref.path)
  expect(after.includes(content.subarray(1))).toBe(false)
  const parts = readRecord(after, at, 'all').parts
  expect(parts.find(part => part.name === name)?.bytes).toBe(null)
  expect(parts.find(part => part.name !== name)?.bytes).not.toBe(null)
})

it('a segment that cannot be stepped through is refused, and stays as it is from there on', async () => {
  const opened = await sealedClosedOpen([/is damaged at byte/])
  const ref = opened.refs()[2] as SegmentRef
  const bytes = readFileSync(ref.path)
  const at = bytes.indexOf(opened.log.written[103]?.bytes as Buffer)
  bytes.writeUInt32BE(0xffff_ffff, at)
  writeFileSync(ref.path, bytes)
  await expect(opened.log.store.log.erase([[120, 'who']])).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
  expect(readFileSync(ref.path).equals(bytes)).toBe(true)
  bytes.writeUInt32BE((opened.log.written[103]?.bytes.length ?? 0) - 4, at)
  writeFileSync(ref.path, bytes)
  await opened.log.store.log.erase([])
  expect(existsSync(join(opened.dir, 'erasing.json'))).toBe(false)
  const [, who] = readRecord(
    readFileSync(ref.path),
    bytes.indexOf(opened.log.written[120]?.bytes as Buffer),
  ).parts
  expect(who?.bytes).toBe(null)
})

it('whole chunks are erased, and the log still reads', async () => {
  const opened = await sealedClosedOpen()
  const parts = opened.log.written.flatMap(({ index }): PartPlace[] => [
    [index, 'what'],
    [index, 'who'],
  ])
  await opened.log.store.log.erase(parts)
  let gone = 0
  for await (const batch of opened.log.store.log.read(0, 1_000))
    for (const { record } of batch) gone += record.parts.every(({ bytes }) => bytes === null) ? 1 : 0
  expect(gone).toBe(220)
})
