import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TILE_WIDTH, tilePath } from '@annals/tlog'
import { TILE_BYTES } from '../../../verify/leaf-runs.ts'

/** How a full tile's file compares with the nodes that the entries give. */
export type TileVerdict =
  | { readonly kind: 'same' }
  /** Not there, or its beginning is right and the rest is not written. */
  | { readonly kind: 'unwritten' }
  /** `slot` is the first hash that differs. */
  | { readonly kind: 'different'; readonly slot: number }

/** Bytes of a full tile's file; undefined when there is none. */
export function readTile(dir: string, level: number, index: number): Buffer | undefined {
  try {
    return readFileSync(join(dir, tilePath({ level, index, width: TILE_WIDTH })))
  } catch {
    return undefined
  }
}

/** Compares byte for byte. */
export function compareTile(dir: string, level: number, index: number, expected: Buffer): TileVerdict {
  const found = readTile(dir, level, index)
  if (found === undefined) return { kind: 'unwritten' }
  if (found.equals(expected)) return { kind: 'same' }
  let at = 0
  while (at < found.length && at < TILE_BYTES && found[at] === expected[at]) at++
  if (found.length <= TILE_BYTES && (at === found.length || found.subarray(at).every(byte => byte === 0)))
    return { kind: 'unwritten' }
  return { kind: 'different', slot: Math.min(Math.floor(at / 32), TILE_WIDTH - 1) }
}

/** First position under a hash of a tile. */
export function firstUnder(level: number, index: number, slot: number): number {
  return (index * TILE_WIDTH + slot) * TILE_WIDTH ** level
}

/** What is wrong with a tile, in words. */
export function tileMessage(level: number, index: number, kind: 'unwritten' | 'different'): string {
  const what = kind === 'different' ? 'is not the hashes of the entries' : 'is missing or cut short'
  return `Hash tile ${index} of level ${level} ${what}.`
}
