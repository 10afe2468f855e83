import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesPath, parseTilePath, type Tile, tilePath } from './index.ts'
import { codeOf, vectors } from './testing/support.ts'

const tiles = vectors<{
  tiles: (Tile & { path: string })[]
  entries: (Tile & { path: string })[]
  refused: string[]
}>('tlog-tiles')

test.each(tiles.tiles)('$path', ({ path, level, index, width }) => {
  expect(tilePath({ level, index, width })).toBe(path)
  expect(parseTilePath(path)).toEqual({ kind: 'tile', level, index, width })
})

test.each(tiles.entries)('$path', ({ path, index, width }) => {
  expect(entriesPath({ index, width })).toBe(path)
  expect(parseTilePath(path)).toEqual({ kind: 'entries', index, width })
})

test.each(tiles.refused.map(path => [path]))('refused: %j', async path => {
  expect(await codeOf(() => parseTilePath(path))).toBe('E_TILE')
})

test('every path is parsed back', () => {
  const index = fc.oneof(
    fc.nat({ max: 2000 }),
    fc.integer({ min: 2 ** 31 - 5, max: 2 ** 32 + 5 }),
    fc.integer({ min: 0, max: 2 ** 44 - 1 }),
  )
  fc.assert(
    fc.property(index, fc.integer({ min: 1, max: 256 }), (at, width) => {
      expect(parseTilePath(tilePath({ level: 0, index: at, width }))).toEqual({
        kind: 'tile',
        level: 0,
        index: at,
        width,
      })
      expect(parseTilePath(entriesPath({ index: at, width }))).toEqual({ kind: 'entries', index: at, width })
    }),
  )
})

test('tiles that no tree has are refused', () => {
  for (const tile of [
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
    { level: 7, index: 0, width: 1 },
    { level: 6, index: 0, width: 17 },
    { level: 0, index: 2 ** 44, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0.5, index: 0, width: 1 },
  ]) {
    expect(() => tilePath(tile)).toThrow(RangeError)
  }
  expect(() => entriesPath({ index: 0, width: 0 })).toThrow(RangeError)
})
