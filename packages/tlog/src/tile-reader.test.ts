import { expect, test } from 'vitest'
import {
  checkConsistency,
  checkInclusion,
  type FetchTile,
  type Hash,
  proveConsistency,
  proveInclusion,
  storedHashCount,
  storedHashId,
  type Tile,
  TileReader,
  tilePath,
  tilesForSize,
  treeHash,
} from './index.ts'
import {
  arrayReader,
  ConstantReader,
  codeOf,
  hex,
  numberedEntries,
  sha,
  storedHashes,
} from './testing/support.ts'

const { stored } = storedHashes(numberedEntries(70_000))

const tileBytes = new Map<string, Uint8Array>()
const roots = new Map<number, Hash>()

function honest(tile: Tile): Uint8Array {
  const path = tilePath(tile)
  let bytes = tileBytes.get(path)
  if (bytes === undefined) {
    const first = tile.index * 256
    const hashes = Array.from(
      { length: tile.width },
      (_, i) => stored[storedHashId(8 * tile.level, first + i)]!,
    )
    bytes = new Uint8Array(Buffer.concat(hashes))
    tileBytes.set(path, bytes)
  }
  return bytes.slice()
}

async function rootOf(size: number): Promise<Hash> {
  const root = roots.get(size) ?? (await treeHash(sha, size, arrayReader(stored)))
  roots.set(size, root)
  return root
}

async function readerOver(size: number, fetch: FetchTile, cachedTiles = 256): Promise<TileReader> {
  return new TileReader(sha, { size, root: await rootOf(size), fetch, cachedTiles })
}

test.each([1, 255, 256, 257, 700, 65_535, 65_536, 65_537, 70_000])(
  'proofs from tiles of %i leaves',
  async size => {
    const reader = await readerOver(size, honest, 3)
    const root = await rootOf(size)
    for (const index of new Set([0, Math.floor(size / 3), Math.floor(size / 2), size - 1])) {
      const proof = await proveInclusion(sha, size, index, reader)
      checkInclusion(sha, proof, size, root, index, stored[storedHashId(0, index)]!)
      const oldRoot = await treeHash(sha, index + 1, reader)
      const consistency = await proveConsistency(sha, index + 1, size, reader)
      checkConsistency(sha, consistency, index + 1, oldRoot, size, root)
    }
  },
)

test('every stored hash of 700 leaves is read right', async () => {
  const reader = await readerOver(700, honest)
  const ids = Array.from({ length: storedHashCount(700) }, (_, id) => id)
  expect((await reader.readHashes(ids)).map(hex)).toEqual(ids.map(id => hex(stored[id]!)))
})

test('every byte of every tile of 700 leaves: a flip is noticed by whatever uses the tile', async () => {
  for (const tile of tilesForSize(0, 700)) {
    const path = tilePath(tile)
    const first = storedHashId(8 * tile.level, tile.index * 256)
    let byte = 0
    // One reader for all flips of a tile: a tile that failed must not be remembered as good.
    const reader = await readerOver(700, asked => {
      const bytes = honest(asked)
      if (tilePath(asked) === path) bytes[byte] = bytes[byte]! ^ (1 + (byte % 255))
      return bytes
    })
    for (; byte < tile.width * 32; byte++) {
      // The first hash of the tile is wanted, not the one that was changed.
      expect(await codeOf(() => reader.readHashes([first]))).toBe('E_TILE')
    }
  }
})

test('every tile of 70,000 leaves: a flip of any hash is noticed by every proof that uses the tile (CVE-2026-56865)', async () => {
  const size = 70_000
  for (const tile of tilesForSize(0, size)) {
    const path = tilePath(tile)
    const last = (tile.index * 256 + tile.width) * 256 ** tile.level - 1
    for (const place of [0, Math.floor(tile.width / 2), tile.width - 1]) {
      const reader = await readerOver(size, asked => {
        const bytes = honest(asked)
        if (tilePath(asked) === path) bytes[place * 32 + 31] = bytes[place * 32 + 31]! ^ 64
        return bytes
      })
      expect(await codeOf(() => proveInclusion(sha, size, last, reader))).toBe('E_TILE')
    }
  }
})

test('tiles swapped, cut, longer or from another tree are refused', async () => {
  const changes: ((tile: Tile) => Uint8Array)[] = [
    tile =>
      tile.level === 0 && tile.width === 256 ? honest({ ...tile, index: 1 - tile.index }) : honest(tile),
    tile => honest(tile).subarray(32),
    tile => new Uint8Array([...honest(tile), 0]),
    tile => new Uint8Array(tile.width * 32),
    tile => honest({ ...tile, level: 0 }),
  ]
  for (const change of changes) {
    const reader = await readerOver(700, change)
    expect(await codeOf(() => reader.readHashes([storedHashId(0, 3)]))).toBe('E_TILE')
  }
  const wrongRoot = new TileReader(sha, { size: 700, root: await rootOf(699), fetch: honest })
  expect(await codeOf(() => wrongRoot.readHashes([0]))).toBe('E_TILE')
  const wrongSize = new TileReader(sha, { size: 699, root: await rootOf(700), fetch: honest })
  expect(await codeOf(() => wrongSize.readHashes([0]))).toBe('E_TILE')
})

test('a buffer that changes after the check does not matter', async () => {
  const given: Uint8Array[] = []
  const reader = await readerOver(700, tile => {
    const bytes = honest(tile)
    given.push(bytes)
    return bytes
  })
  await reader.readHashes([0])
  for (const bytes of given) bytes.fill(0)
  const [again] = await reader.readHashes([0])
  expect(hex(again!)).toBe(hex(stored[0]!))
  again!.fill(0)
  expect(hex((await reader.readHashes([0]))[0]!)).toBe(hex(stored[0]!))
})

test('tiles are fetched once, and after a failure again', async () => {
  let fetched = 0
  let broken = true
  const reader = await readerOver(700, tile => {
    fetched++
    if (broken) throw new Error('offline')
    return honest(tile)
  })
  await expect(reader.readHashes([0])).rejects.toThrow('offline')
  broken = false
  fetched = 0
  await reader.readHashes([0, 3, 5])
  await reader.readHashes([storedHashId(0, 1)])
  // The two edge tiles and one full tile.
  expect(fetched).toBe(3)
})

test('a tree of 2^32 and some leaves', async () => {
  const constant = new ConstantReader()
  const size = 2 ** 32 + 300
  const fetch: FetchTile = tile => {
    const hash = constant.level(8 * tile.level)
    return new Uint8Array(Buffer.concat(Array.from({ length: tile.width }, () => hash)))
  }
  const root = await treeHash(sha, size, constant)
  const reader = new TileReader(sha, { size, root, fetch })
  for (const index of [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, size - 1]) {
    const proof = await proveInclusion(sha, size, index, reader)
    checkInclusion(sha, proof, size, root, index, constant.leaf)
  }
})

test('mistakes are refused at once', async () => {
  const root = await rootOf(5)
  const reader = new TileReader(sha, { size: 5, root, fetch: honest })
  expect(() => reader.readHashes([storedHashCount(5)])).toThrow(RangeError)
  expect(() => new TileReader(sha, { size: -1, root, fetch: honest })).toThrow(RangeError)
  expect(() => new TileReader(sha, { size: 1, root: new Uint8Array(3), fetch: honest })).toThrow(TypeError)
  expect(() => new TileReader(sha, { size: 1, root, fetch: honest, cachedTiles: 0 })).toThrow(RangeError)
  expect(await reader.readHashes([])).toEqual([])
})
