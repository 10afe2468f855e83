import { fstatSync, readSync } from 'node:fs'
import { brotliDecompressSync, crc32 } from 'node:zlib'

/*
 * Sealed segments and spines, `spec/log-v1.md` section 16, read strictly and with code of its own.
 */

/** Entries of a block. */
export const BLOCK = 128
const HEADER = 64
const LINE = 48
/** Most bytes of a block, compressed or not: far above what 128 events can be, and bounded. */
const MOST_BYTES = 128 * 1024 * 1024
const LEAF = 32

/** What a sealed segment or a spine says of itself. */
export interface Extent {
  /** First position of the chunk. */
  readonly chunk: number
  readonly first: number
  /** Position after the last. */
  readonly end: number
}

/** A line of the directory. */
export interface BlockPlace {
  readonly at: number
  readonly length: number
  readonly raw: number
  readonly crc: number
  /** `recordedAt` and id of the first position, as they were at sealing. */
  readonly time: number
  readonly id: string
}

/** The header of a sealed segment or a spine; undefined when it is damaged. */
export function readExtent(fd: number, form: 'sealed' | 'spine'): Extent | undefined {
  const bytes = readAt(fd, 0, HEADER)
  const [magic, covered] =
    form === 'sealed' ? (['annals-sealed/v1', 44] as const) : (['annals-spine/v1\0', 40] as const)
  if (bytes?.toString('latin1', 0, 16) !== magic) return undefined
  if (crc32(bytes.subarray(0, covered)) !== bytes.readUInt32BE(covered)) return undefined
  if (bytes.subarray(covered + 4).some(byte => byte !== 0)) return undefined
  const [chunk, first, end] = [16, 24, 32].map(at => Number(bytes.readBigUInt64BE(at))) as [
    number,
    number,
    number,
  ]
  if (!Number.isSafeInteger(end) || chunk > first || first >= end) return undefined
  if (form === 'sealed' && bytes.readUInt32BE(40) !== Math.ceil((end - first) / BLOCK)) return undefined
  return { chunk, first, end }
}

/** The directory of a sealed segment; why it cannot be believed otherwise. */
export function readDirectory(fd: number, { first, end }: Extent): readonly BlockPlace[] | string {
  const blocks = Math.ceil((end - first) / BLOCK)
  const size = fstatSync(fd).size
  if (HEADER + LINE * blocks + 4 > size) return 'its directory is cut short'
  const bytes = readAt(fd, HEADER, LINE * blocks + 4)
  if (bytes === undefined) return 'its directory is cut short'
  if (crc32(bytes.subarray(0, LINE * blocks)) !== bytes.readUInt32BE(LINE * blocks))
    return 'its directory does not match its CRC'
  const places: BlockPlace[] = []
  let next = HEADER + LINE * blocks + 4
  for (let p = 0; p < LINE * blocks; p += LINE) {
    const place = {
      at: Number(bytes.readBigUInt64BE(p)),
      length: bytes.readUInt32BE(p + 8),
      raw: bytes.readUInt32BE(p + 12),
      crc: bytes.readUInt32BE(p + 16),
      time: Number(bytes.readBigUInt64BE(p + 24)),
      id: bytes.toString('hex', p + 32, p + 48).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    }
    if (place.at !== next) return 'its blocks do not follow each other'
    if (bytes.readUInt32BE(p + 20) !== 0) return 'its directory has bytes where there should be none'
    next += place.length
    places.push(place)
  }
  return next === size ? places : 'it is not as long as its directory says'
}

/** The records of a block, decompressed; why they cannot be had otherwise. */
export function readBlock(fd: number, { at, length, raw, crc }: BlockPlace): Buffer | string {
  if (length > MOST_BYTES || raw > MOST_BYTES) return 'a block is impossibly large'
  const bytes = readAt(fd, at, length)
  if (bytes === undefined) return 'a block is cut short'
  if (crc32(bytes) !== crc) return 'a block does not match its CRC'
  try {
    const { buffer, engine } = brotliDecompressSync(bytes, {
      maxOutputLength: Math.max(raw, 1),
      info: true,
    }) as unknown as {
      readonly buffer: Buffer
      readonly engine: { readonly bytesWritten: number }
    }
    if (engine.bytesWritten !== length) return 'bytes follow the stream of a block'
    return buffer.length === raw ? buffer : 'a block is not as long as its directory says'
  } catch {
    return 'a block is no stream, or a longer one than its directory says'
  }
}

/** Bytes that a spine of this extent has. */
export function spineBytes({ first, end }: Extent): number {
  return HEADER + LEAF * (end - first)
}

/** Leaf hashes of a spine from a position on, 32 bytes each; undefined when the file is too short. */
export function readLeaves(fd: number, extent: Extent, from: number, to: number): Buffer | undefined {
  return readAt(fd, HEADER + LEAF * (from - extent.first), LEAF * (to - from))
}

function readAt(fd: number, at: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let have = 0; have < length; ) {
    const read = readSync(fd, bytes, have, length - have, at + have)
    if (read === 0) return undefined
    have += read
  }
  return bytes
}
