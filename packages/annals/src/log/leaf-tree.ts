import { type Digest, sha256 } from './digest.ts'

const pair = Buffer.alloc(65)
pair[0] = 1

function join(left: Digest, right: Digest): Digest {
  pair.write(left, 1, 32, 'latin1')
  pair.write(right, 33, 32, 'latin1')
  return sha256(pair)
}

/** A node at the top of a full tile: what the tile one level up stores. */
export interface TileNode {
  /** Tile level, from 1. */
  readonly level: number
  readonly hash: Digest
}

/** State of a {@link LeafTree} to go back to. */
export interface TreeMark {
  readonly size: number
  readonly frontier: readonly Digest[]
}

/**
 * The right edge of the RFC 6962 tree, made for appending fast: amortised one hash a leaf. It keeps one hash for each
 * maximal complete subtree, smallest last, and says which nodes the tiles above level 0 must store.
 */
export class LeafTree {
  #size: number
  #frontier: Digest[]

  constructor(mark: TreeMark = { size: 0, frontier: [] }) {
    this.#size = mark.size
    this.#frontier = [...mark.frontier]
  }

  get size(): number {
    return this.#size
  }

  /** Appends a leaf hash; `nodes` receives the nodes of higher tiles that it completed. */
  append(leaf: Digest, nodes: TileNode[]): void {
    const frontier = this.#frontier
    let hash = leaf
    let height = 0
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      hash = join(frontier.pop() as Digest, hash)
      height++
      if (height % 8 === 0) nodes.push({ level: height / 8, hash })
    }
    frontier.push(hash)
    this.#size++
  }

  /** Root over the leaves so far; of an empty tree SHA-256 of nothing. */
  root(): Digest {
    const frontier = this.#frontier
    if (frontier.length === 0) return sha256(new Uint8Array(0))
    let hash = frontier[frontier.length - 1] as Digest
    for (let i = frontier.length - 2; i >= 0; i--) hash = join(frontier[i] as Digest, hash)
    return hash
  }

  mark(): TreeMark {
    return { size: this.#size, frontier: [...this.#frontier] }
  }

  restore(mark: TreeMark): void {
    this.#size = mark.size
    this.#frontier = [...mark.frontier]
  }
}
