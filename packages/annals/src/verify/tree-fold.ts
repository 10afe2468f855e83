import { type Digest, sha256 } from '../log/digest.ts'

const pair = Buffer.alloc(65)
pair[0] = 1

/** RFC 6962 interior node: SHA-256(0x01 ‖ left ‖ right). */
export function treeNode(left: Digest, right: Digest): Digest {
  pair.write(left, 1, 32, 'latin1')
  pair.write(right, 33, 32, 'latin1')
  return sha256(pair)
}

/** Root of a complete subtree over hashes that lie back to back; their number is a power of two. The bytes are not kept. */
export function completeRoot(hashes: Buffer): Digest {
  const scratch = Buffer.alloc(65)
  scratch[0] = 1
  const level = Buffer.from(hashes)
  let count = level.length / 32
  for (; count > 1; count /= 2) {
    for (let i = 0; i < count; i += 2) {
      level.copy(scratch, 1, 32 * i, 32 * i + 64)
      level.write(sha256(scratch), 16 * i, 32, 'latin1')
    }
  }
  return level.toString('latin1', 0, 32)
}

/**
 * Folds leaves and complete subtrees, in order, into the RFC 6962 tree over all of them. It keeps one hash per maximal
 * complete subtree, so its memory is that of the tree's height.
 */
export class TreeFold {
  readonly #frontier: { height: number; hash: Digest }[] = []
  readonly #onNode: (height: number, hash: Digest) => void
  #size = 0

  /** @param onNode told every complete node as it arises, leaves included */
  constructor(onNode: (height: number, hash: Digest) => void = () => {}) {
    this.#onNode = onNode
  }

  get size(): number {
    return this.#size
  }

  /** Adds the root of a complete subtree of `2^height` leaves; the size so far is a multiple of that. */
  push(height: number, hash: Digest): void {
    const frontier = this.#frontier
    this.#size += 2 ** height
    this.#onNode(height, hash)
    let top = hash
    let at = height
    for (let last = frontier.at(-1); last?.height === at; last = frontier.at(-1)) {
      frontier.pop()
      top = treeNode(last.hash, top)
      at++
      this.#onNode(at, top)
    }
    frontier.push({ height: at, hash: top })
  }

  /** Goes on after a tree whose maximal complete subtrees these are, from left to right; one for each one bit of its size. */
  static after(
    size: number,
    frontier: readonly Digest[],
    onNode?: (height: number, hash: Digest) => void,
  ): TreeFold {
    const fold = new TreeFold(onNode)
    const heights: number[] = []
    for (let rest = size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++)
      if (rest % 2 === 1) heights.unshift(height)
    if (heights.length !== frontier.length)
      throw new RangeError(
        `a tree of ${size} leaves has ${heights.length} maximal subtrees, not ${frontier.length}`,
      )
    for (const [i, hash] of frontier.entries()) fold.#frontier.push({ height: heights[i] as number, hash })
    fold.#size = size
    return fold
  }

  /** Roots of the maximal complete subtrees so far, from left to right. */
  frontier(): Digest[] {
    return this.#frontier.map(({ hash }) => hash)
  }

  /** Root over everything so far; of nothing SHA-256(""). */
  root(): Digest {
    const last = this.#frontier.at(-1)
    if (last === undefined) return sha256(new Uint8Array(0))
    let hash = last.hash
    for (let i = this.#frontier.length - 2; i >= 0; i--)
      hash = treeNode((this.#frontier[i] as { hash: Digest }).hash, hash)
    return hash
  }
}
