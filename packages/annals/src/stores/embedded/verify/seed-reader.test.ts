import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { newKeys } from '../keys/keys.test-support.ts'
import { SeedFiles, seedsDir } from '../keys/seed-files.ts'
import { ChunkSeeds, type ClassSeed } from './seed-reader.ts'

const PARTS = ['what', 'who']

it('reads what is left of seeds as their writer has left it: whole, punctured, destroyed but for some, destroyed', async () => {
  const { layout, kek } = await newKeys()
  const seeds = new SeedFiles(layout, kek)
  await seeds.ensure(70, ['whole', 'cut', 'held', 'gone'])
  await seeds.puncture(70, 'cut', [
    { offset: 2, kept: ['who'] },
    { offset: 9, kept: [] },
  ])
  await seeds.destroy(70, 'held', [4, 5, 6])
  await seeds.destroy(70, 'gone', [])
  const chunk = new ChunkSeeds(layout, kek, 70)
  const opened = (name: string): ClassSeed => chunk.ofClass(name) as ClassSeed
  for (const name of ['whole', 'cut', 'held']) {
    const [written, read] = [seeds.find(70, name), opened(name)]
    for (const offset of [0, 2, 4, 5, 6, 7, 9, 2 ** 32 - 1])
      for (const part of PARTS) expect(read.partSeed(offset, part)).toBe(written?.partSeed(offset, part))
  }
  expect(opened('cut').partSeed(2, 'what')).toBeUndefined()
  expect(opened('cut').partSeed(2, 'who')).toHaveLength(32)
  expect(chunk.ofClass('gone')).toBe('destroyed')
  for (const name of ['missing', 'constructor']) expect(chunk.ofClass(name)).toBeUndefined()
})

it('takes a set for damaged that is not of the specification, even when it was wrapped with the right key', async () => {
  const { layout, kek } = await newKeys()
  const seeds = new SeedFiles(layout, kek)
  await seeds.ensure(0, ['cut'])
  await seeds.puncture(0, 'cut', [{ offset: 2, kept: ['who'] }])
  const path = join(seedsDir(layout), '000000000000.json')
  const name = 'annals-punctured/v1\0' + '0\0cut'
  const { cut } = JSON.parse(readFileSync(path, 'utf8')) as { cut: { punctured: string } }
  const good = kek.unwrap(Buffer.from(cut.punctured, 'base64url'), name)
  const wrapped = (set: Uint8Array): void =>
    writeFileSync(path, JSON.stringify({ cut: { punctured: kek.wrap(set, name).toString('base64url') } }))
  const changed = (at: number, byte: number): Buffer => Buffer.from(good).fill(byte, at, at + 1)
  wrapped(good)
  expect((new ChunkSeeds(layout, kek, 0).ofClass('cut') as ClassSeed).partSeed(0, 'who')).toHaveLength(32)
  const parts = 4 + 37 * good.readUInt32BE(0)
  const wrong = {
    empty: Buffer.alloc(0),
    short: good.subarray(0, -1),
    trailing: Buffer.concat([good, Buffer.alloc(1)]),
    'more nodes than there are': changed(0, 1),
    'a node deeper than the tree': changed(4, 33),
    'a node that is not where its depth says': changed(8, 1),
    'more parts than there are': changed(parts + 3, 9),
    'a name beyond the end': changed(parts + 8, 200),
    'nodes out of order': Buffer.concat([
      good.subarray(0, 4),
      good.subarray(41, 78),
      good.subarray(4, 41),
      good.subarray(78),
    ]),
  }
  for (const [what, set] of Object.entries(wrong)) {
    wrapped(set)
    expect(() => new ChunkSeeds(layout, kek, 0).ofClass('cut'), what).toThrow(Error)
  }
})
