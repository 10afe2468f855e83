import { fstatSync } from 'node:fs'
import { BlockCursor } from '../../../verify/block-cursor.ts'
import {
  BLOCK,
  type Extent,
  readBlock,
  readDirectory,
  readExtent,
  readLeaves,
  spineBytes,
} from './sealed-file.ts'
import type { SealedVisitor, Stretch } from './stretch.ts'

/** Leaf hashes of a spine that are read at a time. */
const LEAVES = 32_768

type Range = Pick<Stretch, 'from' | 'to'>

/**
 * Walks the entries `from` to `to` of a sealed segment, block by block. A damaged block is said, and the next is gone on with.
 *
 * @returns whether the range was exactly what it is said to be
 */
export function walkSealed(fd: number, range: Range, visitor: SealedVisitor): boolean {
  const extent = readExtent(fd, 'sealed')
  if (extent === undefined) return lose(range, visitor, 'The header of the sealed segment is damaged.')
  const directory = readDirectory(fd, extent)
  if (typeof directory === 'string')
    return lose(range, visitor, `The sealed segment is damaged: ${directory}.`)
  const within = clip(extent, range, visitor)
  let sound = within.from === range.from && within.to === range.to
  for (let first = extent.first, n = 0; first < within.to; first += BLOCK, n++) {
    const end = Math.min(first + BLOCK, extent.end)
    if (end <= within.from) continue
    const place = directory[n] as (typeof directory)[number]
    const bytes = readBlock(fd, place)
    const cursor = typeof bytes === 'string' ? bytes : BlockCursor.open(bytes, end - first)
    const [from, to] = [Math.max(first, within.from), Math.min(end, within.to)]
    if (typeof bytes === 'string' || typeof cursor === 'string') {
      sound = false
      visitor.damage(
        'E_ENTRY_FORMAT',
        from,
        `A block of the sealed segment cannot be read: ${cursor as string}; ${to - from} entries cannot be read.`,
      )
      visitor.lost(from, to)
      continue
    }
    if (from === first) visitor.stated(first, place.time, place.id)
    for (let index = from; index < to; index++) {
      if (cursor.move(index - first)) visitor.record(index, bytes, cursor, -1)
      else visitor.thinned(index, cursor.leaf(index - first), cursor.retention(index - first))
    }
  }
  return end(within, range, visitor) && sound
}

/** Walks the leaf hashes `from` to `to` of a spine. */
export function walkSpine(fd: number, range: Range, visitor: SealedVisitor): boolean {
  const extent = readExtent(fd, 'spine')
  if (extent === undefined) return lose(range, visitor, 'The header of the spine is damaged.')
  if (fstatSync(fd).size !== spineBytes(extent))
    return lose(range, visitor, 'The spine is not as long as its header says.')
  const within = clip(extent, range, visitor)
  for (let from = within.from; from < within.to; from += LEAVES) {
    const to = Math.min(from + LEAVES, within.to)
    const leaves = readLeaves(fd, extent, from, to)
    if (leaves === undefined) return lose({ from, to: range.to }, visitor, 'The spine is cut short.')
    for (let index = from; index < to; index++) {
      const at = 32 * (index - from)
      visitor.thinned(index, leaves.toString('latin1', at, at + 32), undefined)
    }
  }
  return end(within, range, visitor) && within.from === range.from
}

/** What of a range a segment has; what it lacks before is said. */
function clip({ first, end }: Extent, { from, to }: Range, visitor: SealedVisitor): Range {
  const within = { from: Math.min(Math.max(from, first), to), to: Math.max(Math.min(to, end), from) }
  if (within.from > from) {
    visitor.damage(
      'E_ENTRY_MISSING',
      from,
      `${within.from - from} entries are missing before position ${within.from}.`,
    )
    visitor.lost(from, within.from)
  }
  return within
}

function end(within: Range, { to }: Range, visitor: SealedVisitor): boolean {
  const next = Math.max(within.to, within.from)
  if (next >= to) return true
  visitor.damage('E_ENTRY_MISSING', next, `${to - next} entries are missing before position ${to}.`)
  visitor.lost(next, to)
  return false
}

function lose({ from, to }: Range, visitor: SealedVisitor, message: string): false {
  visitor.damage('E_ENTRY_FORMAT', from, `${message} ${to - from} entries cannot be read.`)
  visitor.lost(from, to)
  return false
}
