import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { punctured } from '../../../log/class-secrets.ts'
import { ggmSeed } from '../../../log/ggm.ts'
import { changeUntilDeath, filesWith, namesIn, newKeys } from './keys.test-support.ts'
import { shredLeftovers } from './secret-file.ts'
import { SeedFiles, seedsDir } from './seed-files.ts'
import { formatSet } from './seed-text.ts'

const NAME = '000000000000.json'

it('puts the new file in the place of the old one, whose bytes are zeros', async () => {
  const { layout, kek } = await newKeys()
  const seeds = new SeedFiles(layout, kek)
  await seeds.ensure(0, ['standard', 'ledger'])
  for (const change of [
    () => seeds.puncture(0, 'standard', [{ offset: 5, kept: ['who'] }]),
    () => seeds.destroy(0, 'standard', [6]),
    () => seeds.destroy(0, 'standard', []),
    () => seeds.ensure(0, ['brief']),
  ]) {
    const { wrapped } = textOf(join(seedsDir(layout), NAME), 'standard')
    const old = openSync(join(seedsDir(layout), NAME), 'r')
    await change()
    const bytes = Buffer.alloc(fstatSync(old).size, 1)
    readSync(old, bytes, 0, bytes.length, 0)
    closeSync(old)
    expect(bytes.every(byte => byte === 0)).toBe(true)
    if (wrapped !== '' && change.toString().includes('standard'))
      expect(filesWith(layout.dir, wrapped)).toEqual([])
    expect(namesIn(layout)).toEqual(['kek', 'seeds', `seeds/${NAME}`])
  }
  expect(JSON.parse(readFileSync(join(seedsDir(layout), NAME), 'utf8'))).toMatchObject({ standard: null })
})

it('a change that changes nothing writes nothing', async () => {
  const { layout, kek } = await newKeys()
  const seeds = new SeedFiles(layout, kek)
  await seeds.ensure(0, ['standard', 'ledger'])
  await seeds.puncture(0, 'standard', [{ offset: 5, kept: ['who'] }])
  await seeds.destroy(0, 'ledger', [1, 2])
  const before = readFileSync(join(seedsDir(layout), NAME))
  await seeds.puncture(0, 'standard', [{ offset: 5, kept: ['who', 'what'] }])
  await seeds.puncture(0, 'missing', [{ offset: 5, kept: [] }])
  await seeds.destroy(0, 'ledger', [1, 2, 3])
  expect(readFileSync(join(seedsDir(layout), NAME))).toEqual(before)
})

it('a death before any step leaves the old secrets or the new, and once opened again nothing else', async () => {
  let deaths = 0
  for (let operation = 1; ; operation++) {
    const { layout, kek } = await newKeys()
    const seeds = new SeedFiles(layout, kek)
    await seeds.ensure(0, ['standard', 'ledger'])
    const path = join(seedsDir(layout), NAME)
    const first = textOf(path, 'standard').wrapped
    const old = openSync(path, 'r')
    const [leaf, held] = [seeds.find(0, 'standard')?.leaf(4), seeds.find(0, 'ledger')?.leaf(7)]
    const lived = changeUntilDeath(layout.dir, 'destroy', operation)
    await shredLeftovers(seedsDir(layout))
    expect(namesIn(layout)).toEqual(['kek', 'seeds', `seeds/${NAME}`])

    const again = new SeedFiles(layout, kek)
    await again.puncture(0, 'standard', [{ offset: 3, kept: ['who'] }])
    await again.destroy(0, 'ledger', [7])
    expect(again.find(0, 'standard')?.leaf(3)).toBeUndefined()
    expect(again.find(0, 'standard')?.partSeed(3, 'what')).toBeUndefined()
    expect(again.find(0, 'standard')?.partSeed(3, 'who')).toHaveLength(32)
    expect(again.find(0, 'standard')?.leaf(4)).toBe(leaf)
    expect(again.find(0, 'ledger')?.leaf(7)).toBe(held)
    expect(again.find(0, 'ledger')?.leaf(8)).toBeUndefined()
    expect(filesWith(layout.dir, first)).toEqual([])
    const bytes = Buffer.alloc(fstatSync(old).size, 1)
    readSync(old, bytes, 0, bytes.length, 0)
    closeSync(old)
    expect(bytes.every(byte => byte === 0)).toBe(true)
    if (lived) break
    deaths++
  }
  expect(deaths).toBeGreaterThan(12)
})

it('a punctured seed has the bytes of the specification', () => {
  const set = punctured({ nodes: ggmSeed('s'.repeat(32)), parts: [] }, [
    { offset: 2 ** 32 - 1, kept: ['who', 'what'] },
  ])
  const bytes = formatSet(set)
  expect(bytes.readUInt32BE(0)).toBe(32)
  expect([bytes.readUInt8(4), bytes.readUInt32BE(5)]).toEqual([1, 0])
  const parts = 4 + 32 * 37
  expect(bytes.readUInt32BE(parts)).toBe(2)
  expect(bytes.readUInt32BE(parts + 4)).toBe(2 ** 32 - 1)
  expect(bytes.toString('latin1', parts + 8, parts + 13)).toBe('\x04what')
  expect(bytes.length).toBe(parts + 4 + (4 + 1 + 4 + 32) + (4 + 1 + 3 + 32))
})

function textOf(path: string, retention: string): { readonly wrapped: string } {
  const text = (
    JSON.parse(readFileSync(path, 'utf8')) as Record<string, string | { punctured: string } | null>
  )[retention]
  return { wrapped: typeof text === 'string' ? text : (text?.punctured ?? '') }
}
