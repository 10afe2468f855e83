import { type Digest, sha256 } from './digest.ts'

/** Height of the derivation tree: one leaf for each of the 2^32 positions a chunk may have. */
export const GGM_HEIGHT = 32
const LEAVES = 2 ** GGM_HEIGHT

const node = Buffer.alloc(33)

/** Child of a node of the derivation tree: SHA-256(byte(0x02 + bit) ‖ seed). */
export function ggmChild(seed: Digest, bit: number): Digest {
  node[0] = 2 + bit
  node.write(seed, 1, 32, 'latin1')
  return sha256(node)
}

/**
 * Walks the leaves of a Goldreich-Goldwasser-Micali tree (1986): from one 32-byte seed a pseudorandom value per position,
 * most significant bit first. The path of the last leaf is kept, so that leaves in sequence cost two hashes each.
 *
 * @example
 * ```ts
 * const walk = new GgmWalk(seed)
 * walk.leaf(0); walk.leaf(1)
 * ```
 */
export class GgmWalk {
  readonly #path: Digest[]
  #last = -1

  constructor(seed: Digest) {
    if (seed.length !== 32) throw new TypeError('a seed has 32 bytes')
    this.#path = [seed]
  }

  /** The value at a position of the chunk, 0 ≤ offset < 2^32. */
  leaf(offset: number): Digest {
    if (!(offset >= 0 && offset < LEAVES)) throw new RangeError(`offset ${offset} is outside 0..2^32-1`)
    const path = this.#path
    let height = GGM_HEIGHT
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
}
