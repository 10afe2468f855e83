import { readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codes, copyOf, filesBelow, flipEach, makeLog, segmentsOf } from './support.ts'

const failed = (found: readonly string[]): boolean => found.some(code => code.startsWith('E_'))

test('every byte of every segment counts', { timeout: 240_000 }, async () => {
  const dir = await makeLog({ entries: 7, segment: 4, batch: 2 })
  expect(await codes(dir)).toEqual([])
  for (const ref of segmentsOf(dir)) {
    const bytes = readFileSync(ref.path)
    const missed = await flipEach(dir, ref.path, bytes.keys(), failed)
    expect(missed).toEqual([])
  }
  expect(await codes(dir)).toEqual([])
})

test('the damaged position is named', async () => {
  const dir = await makeLog({ entries: 7, segment: 100, batch: 1 })
  const [ref] = segmentsOf(dir)
  const bytes = readFileSync(ref!.path)
  const nth = (text: string, n: number): number => {
    let at = -1
    for (let i = 0; i <= n; i++) at = bytes.indexOf(text, at + 1)
    return at
  }
  // The first two entries are the log's own.
  const offset = nth('door.open', 3)
  const missed = await flipEach(
    dir,
    ref!.path,
    [offset],
    found => found.includes('E_ENTRY_FORMAT@5') && found.some(code => code.startsWith('E_ROOT')),
  )
  expect(missed).toEqual([])
  expect(
    await flipEach(dir, ref!.path, [nth('"targets"', 3)], found => found.includes('E_PART_MISMATCH@3')),
  ).toEqual([])
})

test('every byte of the checkpoint counts, the own cosignature included', async () => {
  const dir = await makeLog({ entries: 3 })
  const path = join(dir, 'checkpoint')
  expect(await flipEach(dir, path, readFileSync(path).keys(), failed)).toEqual([])
})

test('every tile counts, in every hash and at every length', async () => {
  const dir = await makeLog({ entries: 600, segment: 200, batch: 100 })
  const tiles = filesBelow(join(dir, 'tile'))
  expect(tiles).toHaveLength(2)
  for (const [n, path] of tiles.entries()) {
    const offsets = Array.from({ length: 256 }, (_, slot) => 32 * slot + ((slot * 7) % 32))
    const missed = await flipEach(
      dir,
      path,
      offsets,
      (found, offset) => found.join() === `E_TILE@${256 * n + Math.floor(offset / 32)}`,
    )
    expect(missed).toEqual([])
    const copy = copyOf(dir)
    const copied = path.replace(dir, copy)
    truncateSync(copied, 8_160)
    expect(await codes(copy)).toEqual([`E_TILE@${256 * n}`])
  }
})
