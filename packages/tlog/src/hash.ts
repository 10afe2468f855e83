// RFC 6962 section 2.1: the hashes of leaves and nodes.

/** A SHA-256 hash: 32 bytes. Never changed after it is made. */
export type Hash = Uint8Array

/**
 * SHA-256, injected: node:crypto in a server, a pure implementation in a browser. It must not keep or change its
 * argument, whose memory is reused, and must return a new array of 32 bytes each time.
 *
 * @example
 * import { createHash } from 'node:crypto'
 * const sha: Sha256 = data => new Uint8Array(createHash('sha256').update(data).digest())
 */
export type Sha256 = (data: Uint8Array) => Uint8Array

/** Bytes in a hash. */
export const HASH_SIZE: number = 32

// A node is hashed for every leaf, and 65 bytes is past what engines allocate cheaply. SHA-256 is synchronous and
// keeps nothing, so one buffer serves all.
const node = new Uint8Array(65)
node[0] = 1

/**
 * The hash of a leaf: SHA-256(0x00 ‖ data), RFC 6962 section 2.1.
 *
 * @example
 * const leaf = leafHash(sha, entryBytes)
 */
export function leafHash(sha: Sha256, data: Uint8Array): Hash {
  const input = new Uint8Array(data.length + 1)
  input.set(data, 1)
  return sha(input)
}

/**
 * The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1.
 *
 * @throws TypeError when a side is not 32 bytes
 * @example
 * const root = nodeHash(sha, leafHash(sha, first), leafHash(sha, second))
 */
export function nodeHash(sha: Sha256, left: Hash, right: Hash): Hash {
  if (left.length !== HASH_SIZE || right.length !== HASH_SIZE)
    throw new TypeError('a hash must have 32 bytes')
  node.set(left, 1)
  node.set(right, 33)
  return sha(node)
}

/**
 * The root of the tree without leaves: SHA-256 of nothing, RFC 6962 section 2.1.
 *
 * @example
 * checkpoint = { origin, size: 0, root: emptyRoot(sha) }
 */
export function emptyRoot(sha: Sha256): Hash {
  return sha(new Uint8Array(0))
}

/** Whether `value` has the form of a hash. */
export function isHash(value: unknown): value is Hash {
  return value instanceof Uint8Array && value.length === HASH_SIZE
}

/** Throws a TypeError unless `value` has the form of a hash. */
export function requireHash(value: unknown, what: string): asserts value is Hash {
  if (!isHash(value)) throw new TypeError(`${what} must be a Uint8Array of 32 bytes`)
}
