import { TILE_WIDTH } from '@annals/tlog'
import type { Digest } from '../log/digest.ts'
import { completeRoot } from './tree-fold.ts'

/** Consecutive tree nodes of one height. */
export interface Run {
  /** First position under them. */
  readonly at: number
  /** 0 for leaves, 8 for the tops of full tiles. */
  readonly height: 0 | 8
  readonly count: number
  /** The hashes back to back; null when the entries could not be read. */
  readonly hashes: Buffer | null
}

/** Bytes of a full tile. */
export const TILE_BYTES: number = TILE_WIDTH * 32

/**
 * Turns leaf hashes in order into runs: full tiles become their tops, at once and here, so that little crosses threads
 * and the tree above can be folded elsewhere. Leaves at the edges, and tiles in which a size of interest lies, stay leaves.
 */
export class LeafRuns {
  readonly runs: Run[] = []
  readonly #keep: ReadonlySet<number>
  readonly #onTile: (index: number, hashes: Buffer) => void
  readonly #tile: Buffer = Buffer.alloc(TILE_BYTES)
  #tops: { at: number; hashes: Digest[] } | undefined
  /** Position of the first leaf in the buffer. */
  #from: number
  #next: number

  /**
   * @param keep sizes whose roots are asked for
   * @param onTile told each full tile that becomes a top
   */
  constructor(from: number, keep: readonly number[], onTile: (index: number, hashes: Buffer) => void) {
    this.#from = from
    this.#next = from
    this.#keep = new Set(
      keep.filter(size => size % TILE_WIDTH !== 0).map(size => Math.floor(size / TILE_WIDTH)),
    )
    this.#onTile = onTile
  }

  add(leaf: Digest): void {
    this.#tile.write(leaf, 32 * (this.#next - this.#from), 32, 'latin1')
    this.#next++
    if (this.#next % TILE_WIDTH === 0) this.#endTile()
  }

  /** Leaves that are not known. */
  skip(count: number): void {
    this.end()
    if (count > 0) this.runs.push({ at: this.#next, height: 0, count, hashes: null })
    this.#next += count
    this.#from = this.#next
  }

  end(): void {
    this.#flushTops()
    const count = this.#next - this.#from
    if (count > 0)
      this.runs.push({
        at: this.#from,
        height: 0,
        count,
        hashes: Buffer.from(this.#tile.subarray(0, 32 * count)),
      })
    this.#from = this.#next
  }

  #endTile(): void {
    const index = this.#next / TILE_WIDTH - 1
    if (this.#next - this.#from < TILE_WIDTH || this.#keep.has(index)) {
      this.end()
      return
    }
    this.#onTile(index, this.#tile)
    this.#tops ??= { at: this.#from, hashes: [] }
    this.#tops.hashes.push(completeRoot(this.#tile))
    this.#from = this.#next
  }

  #flushTops(): void {
    const tops = this.#tops
    if (tops === undefined) return
    this.#tops = undefined
    this.runs.push({
      at: tops.at,
      height: 8,
      count: tops.hashes.length,
      hashes: Buffer.from(tops.hashes.join(''), 'latin1'),
    })
  }
}
