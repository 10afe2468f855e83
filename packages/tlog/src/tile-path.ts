// Paths of C2SP tlog-tiles, sections "Merkle Tree" and "Log entries".
import { TlogError } from './error.ts'
import { MAX_SIZE } from './size.ts'

/** Hashes in a full tile, and entries in a full bundle. */
export const TILE_WIDTH: number = 256

/** A tile: `width` consecutive hashes of the tree level `8 * level`, from number `256 * index` on. */
export interface Tile {
  /** 0 holds leaf hashes; each level above holds one hash per full tile below. */
  readonly level: number
  /** Number within the level, from 0. */
  readonly index: number
  /** Hashes in the tile, 1 to 256; below 256 it is a partial tile. */
  readonly width: number
}

/** An entry bundle: the `width` entries from position `256 * index` on. */
export interface EntriesTile {
  /** Number of the bundle, from 0. */
  readonly index: number
  /** Entries in the bundle, 1 to 256. */
  readonly width: number
}

/** What `parseTilePath` finds. */
export type ParsedTilePath = ({ readonly kind: 'tile' } & Tile) | ({ readonly kind: 'entries' } & EntriesTile)

/**
 * The path of a tile, without a leading slash: `tile/<L>/<N>[.p/<W>]`.
 *
 * @throws RangeError for a tile that no tree of at most MAX_SIZE leaves has
 * @example
 * tilePath({ level: 0, index: 1234067, width: 112 }) // 'tile/0/x001/x234/067.p/112'
 */
export function tilePath(tile: Tile): string {
  if (!isTile(tile)) throw new RangeError('not a tile of a tree of at most 2^52 leaves')
  return `tile/${tile.level}/${numberPath(tile.index)}${partialSuffix(tile.width)}`
}

/**
 * The path of an entry bundle, without a leading slash: `tile/entries/<N>[.p/<W>]`.
 *
 * @throws RangeError for a bundle that no log of at most MAX_SIZE entries has
 * @example
 * entriesPath({ index: 0, width: 256 }) // 'tile/entries/000'
 */
export function entriesPath(entries: EntriesTile): string {
  if (!isTile({ level: 0, index: entries.index, width: entries.width })) {
    throw new RangeError('not a bundle of a log of at most 2^52 entries')
  }
  return `tile/entries/${numberPath(entries.index)}${partialSuffix(entries.width)}`
}

/**
 * Parses the path of a tile or bundle. Each has exactly one path: superfluous zeros, `x000` groups and widths of 0 or
 * 256 are refused.
 *
 * @throws TlogError E_TILE for anything else
 * @example
 * parseTilePath('tile/entries/x001/234.p/7') // { kind: 'entries', index: 1234, width: 7 }
 */
export function parseTilePath(path: string): ParsedTilePath {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(
    path,
  )
  if (match === null) throw new TlogError('E_TILE', 'not a tile path')
  const [, level = '', number = '', partial] = match
  const index = Number(number.replaceAll(/[x/]/g, ''))
  const width = partial === undefined ? TILE_WIDTH : Number(partial)
  const tile = { level: level === 'entries' ? 0 : Number(level), index, width }
  if (!isTile(tile)) throw new TlogError('E_TILE', 'no tree of at most 2^52 leaves has such a tile')
  const canonical = level === 'entries' ? entriesPath(tile) : tilePath(tile)
  if (canonical !== path) throw new TlogError('E_TILE', `not the canonical path, which is ${canonical}`)
  return level === 'entries' ? { kind: 'entries', index, width } : { kind: 'tile', ...tile }
}

/** Whether the tile can be part of a tree of at most MAX_SIZE leaves. */
export function isTile(tile: Tile): boolean {
  const { level, index, width } = tile
  if (!Number.isInteger(level) || level < 0 || level > 6) return false
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) return false
  if (!Number.isSafeInteger(index) || index < 0) return false
  return (index * TILE_WIDTH + width) * TILE_WIDTH ** level <= MAX_SIZE
}

function partialSuffix(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`
}

function numberPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  }
  return path
}
