import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

test('rotates the key of the log, lists both, and retires the old one only when told', async () => {
  const dir = await log()
  const before = vkeys(dir)[0] as string
  const rotated = await annals([
    'key',
    'rotate',
    'log',
    '--overlap',
    '7d',
    '--actor',
    'user/olga',
    '--dir',
    dir,
  ])
  expect(rotated.code).toBe(0)
  const [vkey] = vkeys(dir)
  expect(rotated.stdout).toBe(`${vkey}\n`)
  expect(vkeys(dir)).toEqual([vkey, before])
  const { stdout } = await annals(['key', 'list', '--dir', dir, '-o', 'json'])
  expect(JSON.parse(stdout)).toMatchObject([
    { key: 'log', state: 'signs', id: vkey },
    { key: 'log', state: 'overlap', id: before, until: expect.stringMatching(/^\d{4}-/) },
    { key: 'cosigner' },
    { key: 'kek', state: 'file' },
  ])
  expect((await annals(['verify', '--vkey', before, '--dir', dir])).code).toBe(0)

  const unsure = await annals(['key', 'retire', '--now', '--dir', dir])
  expect([unsure.code, unsure.stdout]).toEqual([2, ''])
  expect((await annals(['key', 'retire', '--dir', dir])).stdout).toBe('')
  const retired = await annals(['key', 'retire', '--now', '--yes', '--dir', dir])
  expect([retired.code, retired.stdout]).toEqual([0, `${before}\n`])
  expect((await annals(['verify', '--vkey', before, '--dir', dir])).code).toBe(5)
  expect((await annals(['verify', '--policy', join(dir, 'vkey'), '--dir', dir])).code).toBe(0)
})

test('rotates the key-encryption key, and the log verifies as before', async () => {
  const dir = await log()
  const kek = join(dir, 'keys/kek')
  const before = readFileSync(kek, 'utf8')
  const { code, stdout } = await annals(['key', 'rotate', 'kek', '--dir', dir])
  expect([code, stdout]).toEqual([0, ''])
  expect(readFileSync(kek, 'utf8')).not.toBe(before)
  expect((await annals(['verify', '--dir', dir])).code).toBe(0)
})

test('an overlap that is no duration, and a key that is none, are mistakes', async () => {
  const dir = temporary()
  for (const words of [['rotate', 'log', '--overlap', 'nope'], ['rotate', 'pepper'], ['rotate'], []])
    expect(await annals(['key', ...words, '--dir', dir])).toMatchObject({ code: 2, stdout: '' })
})

async function log(): Promise<string> {
  const dir = join(temporary(), 'log')
  await annals(['init', '--dir', dir])
  await annals(['emit', '--action', 'a.b', '--actor', 'user/ada', '--dir', dir])
  return dir
}

function vkeys(dir: string): string[] {
  return readFileSync(join(dir, 'vkey'), 'utf8').trim().split('\n')
}
