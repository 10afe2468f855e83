import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { segmentRef } from './segment-file.ts'
import { SegmentWriter } from './segment-writer.ts'

it('a segment that a full disk keeps from being made leaves no file, which a segment of a later chunk would meet', async ({
  skip,
  onTestFinished,
}) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    skip('mounting a small disk needs root on Linux')
  const disk = mkdtempSync(join(tmpdir(), 'annals-disk-'))
  onTestFinished(() => rmSync(disk, { recursive: true, force: true }))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch {
    skip('tmpfs cannot be mounted here')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - 100_000))
  await expect(SegmentWriter.create(segmentRef(disk, '.', 500), 500)).rejects.toMatchObject({
    code: 'ENOSPC',
  })
  expect(readdirSync(disk)).toEqual(['ballast'])
  rmSync(join(disk, 'ballast'))
  await (await SegmentWriter.create(segmentRef(disk, '.', 500), 500)).close()
  expect(readdirSync(disk)).toEqual(['000000000500.seg'])
})
