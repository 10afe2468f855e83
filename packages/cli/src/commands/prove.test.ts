import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories, temporaryDirectory } from '../testing/temporary.ts'

const dir = temporaryDirectory()
const temporary = temporaryDirectories()
let id = ''

beforeAll(async () => {
  id = (await recordInto(dir(), someDrafts(20)))[7]?.id ?? ''
})

test('proof prints tlog-proof text', async () => {
  const { code, stdout, stderr } = await annals(['proof', id, '--dir', dir()])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
})

test('proof of what is not there: exit 4', async () => {
  expect((await annals(['proof', '99999', '--dir', dir()])).code).toBe(4)
})

test('checkpoint latest prints a signed note', async () => {
  const { code, stdout } = await annals(['checkpoint', 'latest', '--dir', dir()])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^.+\n\d+\n[A-Za-z0-9+/]+=*\n\n— /)
})

test('export-tiles writes checkpoint, key, tiles and entries', async () => {
  const out = join(temporary(), 'out')
  const { code } = await annals(['export-tiles', out, '--dir', dir()])
  expect(code).toBe(0)
  for (const name of ['checkpoint', 'vkey', 'tile/0', 'tile/entries'])
    expect(existsSync(join(out, name))).toBe(true)
  expect(readdirSync(join(out, 'tile/0')).length).toBeGreaterThan(0)
})
