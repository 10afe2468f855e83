import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GgmWalk, ggmChild } from './ggm.ts'

const SEED = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + 1))
const LAST = 2 ** 32 - 1

describe('GgmWalk', () => {
  it.each([0, 1, 2 ** 31 - 1, 2 ** 31, LAST - 1, LAST])('leaf %i is that of the definition', offset => {
    expect(walk().leaf(offset)).toBe(latin1(defined(offset)))
  })

  it('a child is SHA-256(byte(0x02 + bit) ‖ seed)', () => {
    for (const bit of [0, 1]) {
      const plain = createHash('sha256')
        .update(Buffer.from([2 + bit]))
        .update(SEED)
        .digest()
      expect(ggmChild(latin1(SEED), bit)).toBe(latin1(plain))
    }
  })

  it('keeps its path over sequences with holes, steps back and repeats', () => {
    const one = walk()
    for (const offset of [0, 1, 2, 3, 7, 8, 255, 256, 2 ** 31, 2 ** 31 + 1, LAST, LAST, 5, 4, 0]) {
      expect(one.leaf(offset)).toBe(latin1(defined(offset)))
    }
  })

  it('gives the defined value at any offsets in any order', () => {
    const offset = fc.oneof(fc.integer({ min: 0, max: LAST }), fc.integer({ min: 0, max: 40 }))
    fc.assert(
      fc.property(fc.array(offset, { minLength: 1, maxLength: 12 }), offsets => {
        const one = walk()
        for (const at of offsets) expect(one.leaf(at)).toBe(latin1(defined(at)))
      }),
      { numRuns: 100 },
    )
  })

  it('refuses positions that no chunk has, and seeds of another length', () => {
    for (const offset of [-1, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => walk().leaf(offset)).toThrow(RangeError)
    expect(() => new GgmWalk('short')).toThrow(TypeError)
  })
})

function walk(): GgmWalk {
  return new GgmWalk(latin1(SEED))
}

/** The tree as it is defined: each bit of the offset, most significant first, picks a child. */
function defined(offset: number, height = 32, node: Buffer = SEED): Buffer {
  if (height === 0) return node
  const bit = Number((BigInt(offset) >> BigInt(height - 1)) & 1n)
  const child = createHash('sha256')
    .update(Buffer.from([2 + bit]))
    .update(node)
    .digest()
  return defined(offset, height - 1, child)
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1')
}
