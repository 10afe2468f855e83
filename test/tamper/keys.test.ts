import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { openTrail } from '../../packages/annals/src/trail/open-trail.ts'
import { codes, copyOf, makeLog, openSmall, readForged, segmentsOf, writeForged } from './support.ts'

const NOBODY = 65_534
const VERIFIER = new URL(
  '../../packages/annals/src/stores/embedded/verify/verify-directory.ts',
  import.meta.url,
).href

/** Whether a process of another user can be started here and gets to what the test gives it. */
function otherUserReaches(dir: string): boolean {
  const look = `for (const path of ${JSON.stringify([new URL(VERIFIER).pathname, dir])}) require('node:fs').accessSync(path)`
  try {
    execFileSync(process.execPath, ['-e', look], { uid: NOBODY, gid: process.getgid?.(), stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('a damaged key-encryption key hides the parts and nothing else', async () => {
  const dir = await makeLog({ entries: 30, segment: 300 })
  writeFileSync(join(dir, 'keys', 'kek'), '00\n')
  const report = await verifyDirectory(dir)
  expect(report.findings.map(finding => finding.code)).toEqual(['E_KEY_MISSING', 'W_NOT_DISCLOSED'])
  expect(report.findings[0]?.message).toContain('keys/kek')
  expect(report).toMatchObject({ ok: false, checked: report.size })
  expect(report.root).not.toBe('')
  expect(await codes(dir, { entriesOnly: true })).toEqual([])

  const [ref] = segmentsOf(dir)
  const records = readForged(ref!)
  records[10]!.entry = records[10]!.entry.replace('"o":"success"', '"o":"failure"')
  writeForged(ref!, records)
  expect(await codes(dir)).toContain('E_ROOT@0')
})

test('a key-encryption key that cannot be read as a file', async () => {
  const dir = await makeLog({ entries: 5 })
  rmSync(join(dir, 'keys'), { recursive: true })
  writeFileSync(join(dir, 'keys'), 'no directory')
  expect(await codes(dir)).toEqual(['E_KEY_MISSING', 'W_NOT_DISCLOSED'])
})

test('a bad key-encryption key in the environment', async () => {
  const dir = await makeLog({ entries: 5 })
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('ANNALS_KEK', 'nonsense')
  const { findings } = await verifyDirectory(dir)
  expect(findings).toMatchObject([
    { code: 'E_KEY_MISSING', message: expect.stringMatching(/ANNALS_KEK.*keys\/kek/) },
    { code: 'W_NOT_DISCLOSED' },
  ])
  // Well-formed, and another log's: nothing opens.
  vi.stubEnv('ANNALS_KEK', '0'.repeat(64))
  const found = await codes(dir)
  expect(new Set(found.map(code => code.split('@')[0]))).toEqual(new Set(['E_KEY_MISSING']))
})

test('an auditor who may not read the keys', async ({ skip }) => {
  const dir = await makeLog({ entries: 30, segment: 300 })
  chmodSync(dir, 0o755)
  skip(
    !otherUserReaches(dir),
    'needs the right to act as another user who can reach the sources and the temporary directory',
  )
  expect(await asNobody(dir, 0o700)).toMatchObject({
    ok: true,
    checked: 33,
    findings: [{ code: 'W_NOT_DISCLOSED', message: expect.stringContaining('keys/ may not be read') }],
  })
  // The key is given, and the files it opens may not be read.
  const kek = readFileSync(join(dir, 'keys', 'kek'), 'utf8').trim()
  for (const mode of [0o700, 0o755])
    expect(await asNobody(dir, mode, kek)).toMatchObject({
      ok: true,
      findings: [{ code: 'W_NOT_DISCLOSED' }],
    })

  const [ref] = segmentsOf(dir)
  const records = readForged(ref!)
  records[10]!.entry = records[10]!.entry.replace('"o":"success"', '"o":"failure"')
  writeForged(ref!, records)
  expect(await asNobody(dir, 0o700)).toMatchObject({
    ok: false,
    findings: [{ code: 'W_NOT_DISCLOSED' }, { code: 'E_ROOT' }],
  })
})

test('a damaged pepper, and a remembered head that says nothing', async () => {
  const dir = await makeLog({ entries: 5 })
  const pepper = copyOf(dir)
  appendFileSync(join(pepper, 'keys', 'pepper'), 'x')
  const report = await verifyDirectory(pepper)
  expect(report.findings).toMatchObject([
    { code: 'E_KEY_MISSING', message: expect.stringContaining('keys/pepper') },
  ])
  for (const text of ['', '{"size":', '[]', '{"size":-1,"root":""}', '{"size":1,"root":"AAAA"}']) {
    writeFileSync(join(dir, 'keys', 'signed-head.json'), text)
    const { ok, findings } = await verifyDirectory(dir)
    expect(ok).toBe(false)
    expect(findings).toMatchObject([
      { code: 'E_NOTE_FORMAT', message: expect.stringContaining('keys/signed-head.json') },
    ])
  }
})

test('opening for writing names the damaged file', async () => {
  const dir = await makeLog({ entries: 5 })
  const broken = readFileSync(join(dir, 'keys', 'log.key'), 'utf8').replace(
    /[A-Za-z0-9+/]{20}/,
    'A'.repeat(20),
  )
  const cases: readonly (readonly [string, string, string])[] = [
    ['kek', '00', 'ANNALS_KEYS'],
    ['pepper', 'junk', 'ANNALS_KEYS'],
    ['log.key', 'junk', 'ANNALS_KEYS'],
    ['log.key', broken, 'ANNALS_KEYS'],
    ['cosigner.key', '', 'ANNALS_KEYS'],
    ['signed-head.json', '{"size":', 'ANNALS_CORRUPT'],
    ['signed-head.json', '{}', 'ANNALS_CORRUPT'],
    ['subjects.db', 'junk', 'ANNALS_KEYS'],
    ['subjects.db', 'no database, but long enough for a header '.repeat(200), 'ANNALS_KEYS'],
  ]
  let last = dir
  for (const [name, content, code] of cases) {
    const copy = copyOf(dir)
    writeFileSync(join(copy, 'keys', name), content)
    await expect(openTrail({ dir: copy }), name).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`keys/${name}`),
      hint: expect.any(String),
    })
    // The file put back is enough; the lock was released.
    cpSync(join(dir, 'keys', name), join(copy, 'keys', name))
    last = copy
  }
  await (await openTrail({ dir: last })).close()
  expect(await codes(last)).toEqual([])
})

test('subject keys that are damaged behind their header', async () => {
  const dir = await makeLog({ entries: 5 })
  const path = join(dir, 'keys', 'subjects.db')
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0xff, 100))
  await expect(openSmall(dir)).rejects.toMatchObject({
    code: 'ANNALS_KEYS',
    message: expect.stringContaining('keys/subjects.db'),
  })
})

/** Verifies as a user who is not the owner but in the group, which may read segments; where tests run as no superuser, their own is kept out. */
async function asNobody(dir: string, mode: number, kek?: string): Promise<unknown> {
  const keys = join(dir, 'keys')
  const root = process.getuid?.() === 0
  chmodSync(keys, root ? mode : 0)
  try {
    const script = `const { verifyDirectory } = await import(${JSON.stringify(VERIFIER)})
      console.log(JSON.stringify(await verifyDirectory(${JSON.stringify(dir)})))`
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      ...(root ? { uid: NOBODY, gid: process.getgid?.() } : {}),
      cwd: '/',
      env: { ...process.env, ...(kek === undefined ? {} : { ANNALS_KEK: kek }) },
      encoding: 'utf8',
    })
    return JSON.parse(out)
  } finally {
    chmodSync(keys, 0o700)
  }
}
