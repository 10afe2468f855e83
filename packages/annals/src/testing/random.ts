/** Pseudo-random numbers that a seed determines. Not for secrets. */
export interface Random {
  /** An integer from 0 to 2^32 - 1. */
  uint32(): number
  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number
}

/**
 * Mulberry32, a generator of 32 bits of state.
 *
 * @example
 * ```ts
 * randomOf(1).below(6) === randomOf(1).below(6) // true
 * ```
 */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const uint32 = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return { uint32, below: bound => Math.floor((uint32() / 4_294_967_296) * bound) }
}

const SLOTS = 8192

/**
 * Ranks by Zipf's law (the k-th most frequent is drawn in proportion to 1/k), as a table to draw from with one number.
 *
 * @example
 * ```ts
 * const ranks = zipf(100)
 * ranks[random.below(ranks.length)] // 0 most often, 99 least
 * ```
 */
export function zipf(ranks: number): Uint16Array {
  return drawTable(Array.from({ length: ranks }, (_, rank) => 1 / (rank + 1)))
}

/** A table in which each index occurs in proportion to its weight. */
export function drawTable(weights: readonly number[]): Uint16Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const table = new Uint16Array(SLOTS)
  let index = 0
  let reached = (weights[0] ?? 0) / total
  for (let slot = 0; slot < SLOTS; slot += 1) {
    while ((slot + 0.5) / SLOTS > reached && index < weights.length - 1) {
      index += 1
      reached += (weights[index] ?? 0) / total
    }
    table[slot] = index
  }
  return table
}

const HEX = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'))

/** Eight hexadecimal digits. */
export function hex8(random: Random): string {
  const bits = random.uint32()
  return `${HEX[bits >>> 16]}${HEX[bits & 0xffff]}`
}

/** A UUID of version 4 (RFC 9562) from the generator. */
export function uuidOf(random: Random): string {
  const [a, b, c, d] = [hex8(random), hex8(random), hex8(random), hex8(random)]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
}
