/**
 * The largest tree this package handles: 2^52 leaves. Up to there every stored-hash id is below 2^53 and therefore an
 * exact number.
 */
export const MAX_SIZE: number = 2 ** 52

/** Throws unless `size` is a whole number of leaves from 0 to MAX_SIZE. */
export function requireSize(size: number, what: string): void {
  if (typeof size !== 'number') throw new TypeError(`${what} must be a number`)
  if (!Number.isInteger(size) || size < 0 || size > MAX_SIZE) {
    throw new RangeError(`${what} must be a whole number from 0 to 2^52, not ${size}`)
  }
}

/** Throws unless `index` is a position of some tree this package handles. */
export function requireIndex(index: number, what: string): void {
  requireSize(index, what)
  if (index === MAX_SIZE) throw new RangeError(`${what} must be below 2^52`)
}

/** The largest power of two that is at most `n`, for n of 1 or more. */
export function powerAtMost(n: number): number {
  let power = 1
  while (power * 2 <= n) power *= 2
  return power
}

/** The number of one bits of `n`, for sizes beyond 32 bits too. */
export function countOnes(n: number): number {
  let ones = 0
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}

/** A size or index in decimal without leading zeros, or undefined for any other text and beyond MAX_SIZE. */
export function parseSize(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined
  const size = Number(text)
  return size <= MAX_SIZE ? size : undefined
}
