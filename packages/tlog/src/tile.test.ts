import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hashFromTile,
  MAX_SIZE,
  storedHashCount,
  storedHashId,
  type Tile,
  tileForHash,
  tilePath,
  tilesForSize,
} from './index.ts'
import { codeOf, hex, numberedEntries, sha, storedHashes, vectors } from './testing/support.ts'

const { growth } = vectors<{ growth: { oldSize: number; newSize: number; tiles: string[] }[] }>('tlog-tiles')

test.each(growth)('growth from $oldSize to $newSize', ({ oldSize, newSize, tiles }) => {
  expect(tilesForSize(oldSize, newSize).map(tilePath)).toEqual(tiles)
})

test('the 70,000 leaves of the specification', () => {
  const tiles = tilesForSize(0, 70_000)
  const count = (level: number, full: boolean) =>
    tiles.filter(tile => tile.level === level && (tile.width === 256) === full)
  expect(count(0, true).length).toBe(273)
  expect(count(0, false)).toEqual([{ level: 0, index: 273, width: 112 }])
  expect(count(1, true).length).toBe(1)
  expect(count(1, false)).toEqual([{ level: 1, index: 1, width: 17 }])
  expect(count(2, false)).toEqual([{ level: 2, index: 0, width: 1 }])
  expect(tiles.length).toBe(277)
})

test('growing in steps writes the tiles that growing at once writes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), steps => {
      let size = 0
      const widest = new Map<string, Tile>()
      for (const step of steps) {
        for (const tile of tilesForSize(size, size + step)) widest.set(`${tile.level}/${tile.index}`, tile)
        size += step
      }
      const paths = (tiles: Iterable<Tile>) => [...tiles].map(tilePath).sort()
      expect(paths(widest.values())).toEqual(paths(tilesForSize(0, size)))
    }),
  )
})

function tileBytes(stored: readonly Uint8Array[], tile: Tile): Uint8Array {
  const hashes = Array.from(
    { length: tile.width },
    (_, i) => stored[storedHashId(8 * tile.level, tile.index * 256 + i)]!,
  )
  return new Uint8Array(Buffer.concat(hashes))
}

test('every stored hash of a tree comes out of its tile', () => {
  const { stored } = storedHashes(numberedEntries(1000))
  for (let id = 0; id < storedHashCount(1000); id++) {
    const tile = tileForHash(id, 1000)
    expect(hex(hashFromTile(sha, tile, tileBytes(stored, tile), id))).toBe(hex(stored[id]!))
  }
})

test('tiles of large trees', () => {
  expect(tileForHash(storedHashId(0, 2 ** 32), 2 ** 32 + 5)).toEqual({ level: 0, index: 2 ** 24, width: 5 })
  expect(tileForHash(storedHashId(31, 1), 2 ** 32 + 5)).toEqual({ level: 3, index: 0, width: 256 })
  expect(tileForHash(storedHashId(32, 0), 2 ** 32 + 5)).toEqual({ level: 4, index: 0, width: 1 })
  expect(tileForHash(storedHashId(52, 0), MAX_SIZE)).toEqual({ level: 6, index: 0, width: 16 })
})

test('what a tile does not cover, and bytes of another length, are refused', async () => {
  const { stored } = storedHashes(numberedEntries(5))
  const tile = { level: 0, index: 0, width: 5 }
  const bytes = tileBytes(stored, tile)
  expect(() => hashFromTile(sha, tile, bytes, storedHashId(0, 5))).toThrow(RangeError)
  expect(() => hashFromTile(sha, tile, bytes, storedHashId(2, 1))).toThrow(RangeError)
  expect(() => hashFromTile(sha, { level: 1, index: 0, width: 5 }, bytes, 0)).toThrow(RangeError)
  expect(() => hashFromTile(sha, { level: 0, index: 1, width: 5 }, bytes, 0)).toThrow(RangeError)
  expect(await codeOf(() => hashFromTile(sha, tile, bytes.subarray(1), 0))).toBe('E_TILE')
  expect(() => tileForHash(storedHashCount(5), 5)).toThrow(RangeError)
  expect(() => tilesForSize(2, 1)).toThrow(RangeError)
})
