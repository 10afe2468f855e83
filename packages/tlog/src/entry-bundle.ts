// C2SP tlog-tiles, section "Log entries": entries with a big-endian u16 length before each.
import { requireBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { TILE_WIDTH } from './tile-path.ts'

/** The most bytes of one entry. */
export const MAX_ENTRY_SIZE: number = 65_535

/**
 * The bytes of an entry bundle.
 *
 * @throws RangeError for no entries, more than 256, or one above MAX_ENTRY_SIZE bytes
 * @example
 * await write(entriesPath({ index: 0, width: entries.length }), encodeEntryBundle(entries))
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  requireWidth(entries.length)
  let length = 0
  for (const entry of entries) {
    requireBytes(entry, 'an entry')
    if (entry.length > MAX_ENTRY_SIZE) throw new RangeError('an entry has at most 65,535 bytes')
    length += 2 + entry.length
  }
  const bundle = new Uint8Array(length)
  let offset = 0
  for (const entry of entries) {
    bundle[offset] = Math.floor(entry.length / 256)
    bundle[offset + 1] = entry.length % 256
    bundle.set(entry, offset + 2)
    offset += 2 + entry.length
  }
  return bundle
}

/**
 * The `width` entries of a bundle, as views into `bytes`. They are as trustworthy as the bytes: check the leaf hash of
 * each against the tree.
 *
 * @throws TlogError E_BUNDLE when the bytes end early or go on after the last entry
 * @throws RangeError for a width outside 1 to 256
 * @example
 * const [first] = decodeEntryBundle(bytes, 1)
 */
export function decodeEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  requireBytes(bytes, 'bytes')
  requireWidth(width)
  const entries: Uint8Array[] = []
  let offset = 0
  while (entries.length < width) {
    const high = bytes[offset]
    const low = bytes[offset + 1]
    if (high === undefined || low === undefined) {
      throw new TlogError('E_BUNDLE', `the bundle has ${entries.length} of ${width} entries`)
    }
    const start = offset + 2
    offset = start + high * 256 + low
    if (offset > bytes.length)
      throw new TlogError('E_BUNDLE', `entry ${entries.length} of the bundle is cut short`)
    entries.push(bytes.subarray(start, offset))
  }
  if (offset !== bytes.length) throw new TlogError('E_BUNDLE', 'bytes after the last entry of the bundle')
  return entries
}

function requireWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError('a bundle has 1 to 256 entries')
  }
}
