import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories, temporaryDirectory } from '../testing/temporary.ts'

const dir = temporaryDirectory()
const temporary = temporaryDirectories()
let id = ''

beforeAll(async () => {
  id = (await recordInto(dir(), someDrafts(40)))[7]?.id ?? ''
})

test('evidence is written, and verified with a key alone', async () => {
  const out = join(temporary(), 'bundle')
  const made = await annals(['evidence', 'outcome:denied', '--complete', '--out', out, '--dir', dir()])
  expect([made.code, made.stdout]).toEqual([0, ''])
  expect(made.stderr).toContain('Wrote 8 events')
  const checked = await annals(['verify', out, '--policy', join(dir(), 'vkey')])
  expect([checked.code, checked.stderr]).toEqual([0, ''])
  expect(checked.stdout).toContain('They are all matches of "outcome:denied"')
  const events = join(out, 'events.ndjson')
  const bytes = readFileSync(events)
  const place = bytes.indexOf('"u0"') + 1
  bytes[place] = (bytes[place] ?? 0) ^ 1
  writeFileSync(events, bytes)
  const damaged = await annals(['verify', out, '--policy', join(dir(), 'vkey'), '-o', 'json'])
  expect(damaged.code).toBe(5)
  const { findings } = JSON.parse(damaged.stdout) as { findings: { code: string; index?: number }[] }
  expect(findings.map(({ code }) => code)).toEqual(['E_FILE', 'E_EVENT_MISMATCH'])
})

test('a bundle has a directory of its own', async () => {
  expect((await annals(['evidence', '--dir', dir()])).code).toBe(2)
  expect((await annals(['evidence', '--dir', dir(), '--out', dir()])).code).toBe(2)
  expect((await annals(['evidence', '--dir', dir(), '--out', 'x', '--disclose', 'WHO'])).code).toBe(2)
  expect((await annals(['evidence', '--dir', join(dir(), 'no'), '--out', join(temporary(), 'x')])).code).toBe(
    4,
  )
})

test('a receipt in a file is verified, and its event shown', async () => {
  const file = join(temporary(), 'receipt')
  const made = await annals(['proof', id, '--disclose', 'who', '--dir', dir()])
  writeFileSync(file, made.stdout)
  const { code, stdout } = await annals(['verify', file, '--policy', join(dir(), 'vkey'), '-o', 'json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    event: { id, actor: { type: 'user', id: 'u1' }, undisclosed: ['what'] },
  })
  const shown = await annals(['verify', file, '--policy', join(dir(), 'vkey')])
  expect(shown.stdout).toContain('part "who" is what was recorded; not disclosed: what.')
  writeFileSync(file, made.stdout.replace(/\nindex \d+\n/, '\nindex 3\n'))
  expect((await annals(['verify', file, '--policy', join(dir(), 'vkey')])).code).toBe(5)
  // A receipt has no key of its own to fall back on.
  expect((await annals(['verify', file])).code).toBe(2)
})

test('a part that was never there: exit 1, and which there are', async () => {
  const { code, stderr } = await annals(['proof', id, '--disclose', 'internal', '--dir', dir()])
  expect(code).toBe(1)
  expect(stderr).toContain('It has: what, who.')
})

test('checkpoints are compared', async () => {
  const grown = temporary()
  cpSync(dir(), grown, { recursive: true })
  await recordInto(grown, someDrafts(5))
  const [old, now] = [join(dir(), 'checkpoint'), join(grown, 'checkpoint')]
  const trust = ['--policy', join(dir(), 'vkey')]
  expect((await annals(['checkpoint', 'compare', old, old, ...trust])).code).toBe(0)
  expect((await annals(['checkpoint', 'compare', old, now, ...trust])).code).toBe(6)
  const proved = await annals(['checkpoint', 'compare', old, now, '--dir', grown, ...trust])
  expect([proved.code, proved.stdout.split('\n')[0]]).toEqual([0, 'CONSISTENT'])
  // Another history goes on from the same beginning, with the same key.
  const split = temporary()
  cpSync(dir(), split, { recursive: true })
  await recordInto(split, someDrafts(5))
  const { code, stdout } = await annals(['checkpoint', 'compare', now, join(split, 'checkpoint'), ...trust])
  expect(code).toBe(5)
  expect(stdout).toContain('E_SPLIT_VIEW')
  expect((await annals(['checkpoint', 'compare', now, old, '--dir', dir(), ...trust])).code).toBe(5)
  expect((await annals(['checkpoint', 'compare', old, join(dir(), 'no')])).code).toBe(4)
})
