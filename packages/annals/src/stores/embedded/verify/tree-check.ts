import { TILE_WIDTH } from '@annals/tlog'
import type { Digest } from '../../../log/digest.ts'
import type { Findings } from '../../../verify/findings.ts'
import { type Run, TILE_BYTES } from '../../../verify/leaf-runs.ts'
import { TreeFold } from '../../../verify/tree-fold.ts'
import type { PieceSettings } from './piece.ts'
import { compareTile, firstUnder, readTile, tileMessage } from './tile-compare.ts'

/** The tree over all entries, folded from runs in order, with the tiles that pieces cannot compare by themselves. */
export class TreeCheck {
  /** First position at which some tile differs; -1 when none does. */
  differs = -1
  /** Tiles not in their files that the next opening makes again. */
  unwritten = 0
  /** Some entries could not be read, and hash tiles stand in for them. */
  holes = false
  readonly #settings: PieceSettings
  readonly #findings: Findings
  readonly #fold: TreeFold
  readonly #edges: { readonly bytes: Buffer; have: number }[] = []
  readonly #roots = new Map<number, Digest>()
  readonly #frontiers = new Map<number, readonly Digest[]>()
  readonly #sizes: ReadonlySet<number>
  readonly #begins: ReadonlySet<number>
  #broken = false

  /**
   * @param begins sizes whose frontiers are asked for: where sealed chunks begin
   * @param before the frontier that the entries follow, when they are not the log's first
   */
  constructor(
    settings: PieceSettings,
    findings: Findings,
    begins: Iterable<number> = [],
    before: { readonly size: number; readonly frontier: readonly Digest[] } = { size: 0, frontier: [] },
  ) {
    this.#settings = settings
    this.#findings = findings
    this.#sizes = new Set(settings.sizes)
    this.#begins = new Set(begins)
    this.#fold = TreeFold.after(before.size, before.frontier, (height, hash) => this.#node(height, hash))
    this.#note()
  }

  push(run: Run): void {
    if (this.#broken) return
    if (run.at !== this.#fold.size) {
      this.#broken = true
      return
    }
    if (run.hashes === null) {
      this.#bridge(run)
      return
    }
    for (let i = 0; i < run.count; i++) {
      this.#fold.push(run.height, run.hashes.toString('latin1', 32 * i, 32 * i + 32))
      this.#note()
    }
  }

  /** Root over a size that was asked for; undefined when the entries do not give it. */
  rootAt(size: number): Digest | undefined {
    return this.#roots.get(size)
  }

  /** Frontier at a size that was asked for; undefined when the entries do not give it. */
  frontierAt(size: number): readonly Digest[] | undefined {
    return this.#frontiers.get(size)
  }

  /** Root over all entries; undefined when some could not be read. */
  root(): Digest | undefined {
    return this.#broken || this.holes ? undefined : this.#fold.root()
  }

  /** Remembers the earliest differing position. */
  differsAt(position: number): void {
    if (position >= 0 && (this.differs < 0 || position < this.differs)) this.differs = position
  }

  #note(): void {
    const { size } = this.#fold
    if (this.#sizes.has(size)) this.#roots.set(size, this.#fold.root())
    if (this.#begins.has(size)) this.#frontiers.set(size, this.#fold.frontier())
  }

  /** Takes leaf hashes from the tiles where entries cannot be read: the root then tells whether the rest is right. */
  #bridge(run: Run): void {
    this.holes = true
    let tile: Buffer | undefined
    for (let i = run.at; i < run.at + run.count; i++) {
      if (tile === undefined || i % TILE_WIDTH === 0)
        tile = readTile(this.#settings.dir, 0, Math.floor(i / TILE_WIDTH))
      if (tile?.length !== TILE_BYTES) {
        this.#broken = true
        return
      }
      const slot = i % TILE_WIDTH
      this.#fold.push(0, tile.toString('latin1', 32 * slot, 32 * slot + 32))
      this.#note()
    }
  }

  #node(height: number, hash: Digest): void {
    if (height % 8 !== 0 || this.#settings.settled === undefined) return
    const level = height / 8
    const n = this.#fold.size / 2 ** height - 1
    const slot = n % TILE_WIDTH
    let edge = this.#edges[level]
    if (edge === undefined) {
      edge = { bytes: Buffer.alloc(TILE_BYTES), have: 0 }
      this.#edges[level] = edge
    }
    // Level 0 is only seen here where a piece could not compare the tile itself.
    if (slot === 0) edge.have = 0
    if (slot !== edge.have) return
    edge.bytes.write(hash, 32 * slot, 32, 'latin1')
    if (++edge.have === TILE_WIDTH) this.#compare(level, Math.floor(n / TILE_WIDTH), edge.bytes)
  }

  #compare(level: number, index: number, hashes: Buffer): void {
    const verdict = compareTile(this.#settings.dir, level, index, hashes)
    if (verdict.kind === 'same') return
    if (
      verdict.kind === 'unwritten' &&
      firstUnder(level, index + 1, 0) - 1 >= (this.#settings.settled as number)
    ) {
      this.unwritten++
      return
    }
    const at = firstUnder(level, index, verdict.kind === 'different' ? verdict.slot : 0)
    if (verdict.kind === 'different') this.differsAt(at)
    this.#findings.add('E_TILE', at, tileMessage(level, index, verdict.kind))
  }
}
