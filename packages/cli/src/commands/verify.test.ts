import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openTrail } from 'annals'
import { beforeAll, describe, expect, test } from 'vitest'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories, temporaryDirectory } from '../testing/temporary.ts'

const dir = temporaryDirectory()
const temporary = temporaryDirectories()

beforeAll(async () => {
  await recordInto(dir(), someDrafts(40))
})

function copy(): string {
  const to = temporary()
  cpSync(dir(), to, { recursive: true })
  return to
}

/** Files of the log, largest first. */
function filesOf(at: string): string[] {
  const files = readdirSync(at, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size)
}

test('a clean log: exit 0 and the report', async () => {
  const { code, stdout, stderr } = await annals(['verify', '--dir', dir()])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('VERIFIED')
})

test('-o json has exactly the documented members', async () => {
  const report = JSON.parse((await annals(['verify', '--dir', dir(), '-o', 'json'])).stdout) as Record<
    string,
    unknown
  >
  expect(Object.keys(report)).toEqual(['ok', 'size', 'root', 'checked', 'erased', 'expired', 'findings'])
  expect(report).toMatchObject({ ok: true, erased: 0 })
})

describe('tampering exits 5', () => {
  test('a flipped byte of an event', async () => {
    const at = copy()
    let found = false
    for (const file of filesOf(at)) {
      const bytes = readFileSync(file)
      const place = bytes.indexOf('machine')
      if (place < 0 || !file.endsWith('.seg')) continue
      bytes[place] = (bytes[place] ?? 0) ^ 1
      writeFileSync(file, bytes)
      found = true
      break
    }
    expect(found).toBe(true)
    const { code, stdout } = await annals(['verify', '--dir', at, '-o', 'json'])
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      findings: [{ code: expect.stringMatching(/^E_/) }],
    })
  })
  test('a truncated tail, against a kept checkpoint', async () => {
    const at = copy()
    await recordInto(at, someDrafts(5))
    const kept = join(temporary(), 'checkpoint')
    writeFileSync(kept, (await annals(['checkpoint', 'latest', '--dir', at])).stdout)
    expect((await annals(['verify', '--dir', at, '--against', kept])).code).toBe(0)
    expect((await annals(['verify', '--dir', dir(), '--against', kept])).code).toBe(5)
  })
})

test('the key of another log is not trusted', async () => {
  const other = temporary()
  await recordInto(other, someDrafts(1))
  expect((await annals(['verify', dir(), '--policy', join(dir(), 'vkey')])).code).toBe(0)
  expect((await annals(['verify', dir(), '--policy', join(other, 'vkey')])).code).toBe(5)
})

test('a policy without key is a mistake, a missing file is not found', async () => {
  const file = join(temporary(), 'policy')
  writeFileSync(file, '# nothing\n')
  expect((await annals(['verify', '--dir', dir(), '--policy', file])).code).toBe(2)
  expect((await annals(['verify', '--dir', dir(), '--policy', `${file}x`])).code).toBe(4)
})

test('one chunk verifies by itself; its log with clocks that may differ', async () => {
  const at = temporary()
  let now = Date.parse('2026-01-05T10:00:00Z')
  const clocks = { wall: () => now, mono: () => now }
  const trail = await openTrail({ dir: at, period: 'hour', clocks, sealing: 'manual' })
  await trail.record('door.open', {})
  now += 3_600_000
  await trail.record('door.open', {})
  await trail.close()
  expect((await annals(['chunk', 'seal', '--dir', at])).code).toBe(0)
  const chunk = join(at, 'chunks', '2026-01-05_10')
  const { code, stdout } = await annals(['verify', chunk, '--policy', join(at, 'vkey')])
  expect(code).toBe(0)
  expect(stdout).toMatch(/VERIFIED[\s\S]*Entries 0 to \d+ are complete and unaltered/)
  writeFileSync(join(chunk, 'seal.json'), '{}')
  expect((await annals(['verify', chunk, '--policy', join(at, 'vkey')])).code).toBe(5)
  expect((await annals(['verify', dir(), '--skew', '60'])).code).toBe(0)
  expect((await annals(['verify', dir(), '--skew', 'long'])).code).toBe(2)
})
