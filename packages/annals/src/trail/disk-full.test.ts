import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { all, numbers } from './trail.test-support.ts'

/** A file system of a few megabytes; skips the test where none can be mounted. */
function smallDisk({ skip, onTestFinished }: TestContext, size: string): string {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    skip('mounting a small disk needs root on Linux')
  const dir = mkdtempSync(join(tmpdir(), 'annals-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir], { stdio: 'pipe' })
  } catch {
    rmSync(dir, { recursive: true })
    skip('tmpfs cannot be mounted here')
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', dir])
    rmSync(dir, { recursive: true, force: true })
  })
  return dir
}

/** Takes all space but about so many bytes. */
function fill(disk: string, leave: number): string {
  const ballast = join(disk, 'ballast')
  const { bavail, bsize } = statfsSync(disk)
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize))
  } catch {
    // The log has taken some meanwhile: then this is all there was.
  }
  truncateSync(ballast, Math.max(0, statSync(ballast).size - leave))
  return ballast
}

describe('T59: a full disk', () => {
  for (const leave of [0, 20_000, 150_000]) {
    it(`with ${leave} bytes left: a clear error, nothing torn, and recording goes on once space is free`, async context => {
      const disk = smallDisk(context, '12m')
      const dir = join(disk, 'log')
      const errors: Error[] = []
      const trail = await openTrail({ dir, onError: error => errors.push(error) })
      const recorded: number[] = []
      let n = 0
      const record = async (): Promise<void> => {
        const mine = n++
        const actor = { type: 'user', id: `u${mine % 50}` }
        await trail.record('a', { actor, data: { n: mine, text: 'x'.repeat(2_000) } })
        recorded.push(mine)
      }
      for (let i = 0; i < 50; i++) await record()
      const ballast = fill(disk, leave)
      let failure: unknown
      for (let i = 0; i < 2_000 && failure === undefined; i++) failure = await record().catch(error => error)
      expect(failure).toMatchObject({ code: 'ANNALS_DISK_FULL', retryable: true, hint: expect.any(String) })
      await expect(record()).rejects.toMatchObject({ code: 'ANNALS_DISK_FULL' })
      const burst = await Promise.allSettled(Array.from({ length: 20 }, record))
      expect(burst.some(one => one.status === 'rejected')).toBe(true)

      await using reader = await openReader({ dir })
      expect(numbers(await all(reader.events('action:a')))).toEqual(recorded)

      rmSync(ballast)
      // Whatever was begun on the full disk may still say so once.
      const succeeds = (): Promise<boolean> =>
        record().then(
          () => true,
          () => false,
        )
      await expect.poll(succeeds, { timeout: 20_000 }).toBe(true)
      for (let i = 0; i < 100; i++) await record()
      await trail.flush()
      expect(numbers(await all(trail.events('action:a')))).toEqual(recorded)
      expect(numbers(await all(reader.events('action:a')))).toEqual(recorded)
      await trail.close()
      const report = await reader.verify()
      expect(report.findings).toEqual([])
      expect(report).toMatchObject({ ok: true, size: reader.size })

      const again = await openTrail({ dir, onNotice: notice => expect.fail(notice) })
      expect(numbers(await all(again.events('action:a')))).toEqual(recorded)
      await again.close()
    })
  }

  it('close on a full disk says so, loses nothing that was acknowledged, and the next opening is sound', async context => {
    const disk = smallDisk(context, '12m')
    const dir = join(disk, 'log')
    const trail = await openTrail({ dir, onError: () => {} })
    const recorded: number[] = []
    for (let n = 0; n < 40; n++) {
      await trail.record('a', { data: { n } })
      recorded.push(n)
    }
    const ballast = fill(disk, 0)
    for (let n = 40; n < 400; n++) {
      const stored = await trail.record('a', { data: { n, text: 'x'.repeat(20_000) } }).then(
        () => true,
        () => false,
      )
      if (!stored) break
      recorded.push(n)
    }
    await expect(trail.close()).rejects.toMatchObject({ code: 'ANNALS_DISK_FULL' })
    await expect(trail.record('a')).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    rmSync(ballast)
    const again = await openTrail({ dir })
    expect(numbers(await all(again.events('action:a')))).toEqual(recorded)
    await again.record('a', { data: { n: -1 } })
    await again.close()
    await using reader = await openReader({ dir })
    expect((await reader.verify()).findings).toEqual([])
  })
})
