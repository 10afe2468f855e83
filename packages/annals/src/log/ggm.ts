import { type Digest, sha256 } from './digest.ts'

/** Height of the derivation tree: one leaf for each of the 2^32 positions a chunk may have. */
export const GGM_HEIGHT = 32
const LEAVES = 2 ** GGM_HEIGHT

/** A node of the derivation tree: everything below it can be derived from it, and nothing beside it. */
export interface GgmNode {
  /** 0 for the seed itself, {@link GGM_HEIGHT} for a leaf. */
  readonly depth: number
  /** First offset below the node. */
  readonly first: number
  readonly node: Digest
}

const scratch = Buffer.alloc(33)

/** Child of a node of the derivation tree: SHA-256(byte(0x02 + bit) ‖ seed). */
export function ggmChild(seed: Digest, bit: number): Digest {
  scratch[0] = 2 + bit
  scratch.write(seed, 1, 32, 'latin1')
  return sha256(scratch)
}

/** Number of offsets below a node. */
export function ggmSpan({ depth }: GgmNode): number {
  return 2 ** (GGM_HEIGHT - depth)
}

/** A whole seed as the one node that it is. */
export function ggmSeed(seed: Digest): readonly GgmNode[] {
  return [{ depth: 0, first: 0, node: seed }]
}

/**
 * Walks the leaves of a Goldreich-Goldwasser-Micali tree (1986): from one 32-byte seed a pseudorandom value per position,
 * most significant bit first. Of a punctured seed some nodes are left, and only the leaves below them. The path of the last
 * leaf is kept, so that leaves in sequence cost two hashes each.
 *
 * @example
 * ```ts
 * const walk = new GgmWalk(seed)
 * walk.leaf(0); walk.leaf(1)
 * ```
 */
export class GgmWalk {
  readonly #nodes: readonly GgmNode[]
  readonly #path: Digest[] = []
  /** Offsets below the node that the path begins at; none before the first leaf. */
  #from = 0
  #to = 0
  #top = 0
  #last = -1

  /** @param seed the whole seed, or the nodes that are left of it, by offset */
  constructor(seed: Digest | readonly GgmNode[]) {
    this.#nodes = typeof seed === 'string' ? ggmSeed(seed) : seed
    if (this.#nodes.some(({ node }) => node.length !== 32)) throw new TypeError('a seed has 32 bytes')
  }

  /** The value at a position of the chunk, 0 ≤ offset < 2^32; undefined when it was punctured. */
  leaf(offset: number): Digest | undefined {
    if (!(offset >= this.#from && offset < this.#to) && !this.#enter(offset)) return undefined
    const path = this.#path
    let height = GGM_HEIGHT - this.#top
    if (this.#last >= 0) {
      height = 0
      for (let a = this.#last, b = offset; a !== b; height++) {
        a = Math.floor(a / 2)
        b = Math.floor(b / 2)
      }
    }
    for (let divisor = 2 ** (height - 1); height > 0; height--, divisor /= 2) {
      const depth = GGM_HEIGHT - height
      path[depth + 1] = ggmChild(path[depth] as Digest, Math.floor(offset / divisor) % 2)
    }
    this.#last = offset
    return path[GGM_HEIGHT] as Digest
  }

  /** Begins at the node above an offset; false when there is none. */
  #enter(offset: number): boolean {
    if (!(offset >= 0 && offset < LEAVES)) throw new RangeError(`offset ${offset} is outside 0..2^32-1`)
    let low = 0
    let high = this.#nodes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#nodes[middle] as GgmNode).first <= offset) low = middle + 1
      else high = middle
    }
    const found = this.#nodes[low - 1]
    if (found === undefined || offset >= found.first + ggmSpan(found)) return false
    this.#from = found.first
    this.#to = found.first + ggmSpan(found)
    this.#top = found.depth
    this.#path[found.depth] = found.node
    this.#last = -1
    return true
  }
}

/** What is left when these offsets can no longer be derived: the siblings along the paths to them. */
export function ggmWithout(nodes: readonly GgmNode[], offsets: readonly number[]): GgmNode[] {
  return cut(nodes, offsets, 'away')
}

/** What is left when only these offsets can still be derived: the highest nodes with nothing else below. */
export function ggmOnly(nodes: readonly GgmNode[], offsets: readonly number[]): GgmNode[] {
  return cut(nodes, offsets, 'out')
}

/** Cuts offsets away from under the nodes, or out of them. */
function cut(nodes: readonly GgmNode[], offsets: readonly number[], how: 'away' | 'out'): GgmNode[] {
  const sorted = Float64Array.from(new Set(offsets)).sort()
  const left: GgmNode[] = []
  const visit = (node: GgmNode, from: number, to: number): void => {
    const span = ggmSpan(node)
    const kept = how === 'away' ? span - (to - from) : to - from
    if (kept === 0) return
    if (kept === span) {
      left.push(node)
      return
    }
    const depth = node.depth + 1
    const half = node.first + span / 2
    const middle = lowerBound(sorted, half, from, to)
    visit({ depth, first: node.first, node: ggmChild(node.node, 0) }, from, middle)
    visit({ depth, first: half, node: ggmChild(node.node, 1) }, middle, to)
  }
  for (const node of nodes) {
    const from = lowerBound(sorted, node.first, 0, sorted.length)
    visit(node, from, lowerBound(sorted, node.first + ggmSpan(node), from, sorted.length))
  }
  return left
}

/** First place in a sorted range whose value is not below a bound. */
function lowerBound(sorted: Float64Array, bound: number, from: number, to: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] as number) < bound) from = middle + 1
    else to = middle
  }
  return from
}
