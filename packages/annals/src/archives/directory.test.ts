import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { testArchive } from '../conformance/archive-suite.ts'
import { sha256Base64Url } from '../log/digest.ts'
import { openDirectoryArchive } from './directory.ts'

const dir = mkdtempSync(join(tmpdir(), 'annals-archive-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const report = testArchive(
  { describe, it },
  { name: 'directory', open: async () => openDirectoryArchive({ dir }) },
)

describe('openDirectoryArchive', () => {
  it('passes every law', () => {
    expect(report.laws).toBeGreaterThan(8)
  })

  it('makes files that nobody may write, and leaves no temporary one', async () => {
    const archive = openDirectoryArchive({ dir: join(dir, 'fresh') })
    const bytes = Buffer.from('content')
    const content = {
      bytes: 7,
      sha256: sha256Base64Url(bytes),
      open: async function* () {
        yield bytes
      },
    }
    await archive.put('2026-11-21/x.bin', content)
    expect(readdirSync(join(dir, 'fresh'), { recursive: true }).sort()).toEqual([
      '2026-11-21',
      '2026-11-21/x.bin',
    ])
    expect(statSync(join(dir, 'fresh/2026-11-21/x.bin')).mode & 0o777).toBe(0o444)
    chmodSync(join(dir, 'fresh/2026-11-21/x.bin'), 0o600)
  })
})
