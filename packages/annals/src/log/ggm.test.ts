import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GgmNode, GgmWalk, ggmChild, ggmOnly, ggmSeed, ggmWithout } from './ggm.ts'

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

describe('a punctured seed', () => {
  const seed = ggmSeed(latin1(SEED))
  const near = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: LAST - 40, max: LAST })),
    {
      maxLength: 12,
    },
  )

  it('is the 32 siblings along the path to one offset', () => {
    const left = ggmWithout(seed, [5])
    expect(left).toHaveLength(32)
    const siblings = [4, 6, 0, ...Array.from({ length: 29 }, (_, i) => 2 ** (i + 3))]
    const depths = [32, 31, 30, ...Array.from({ length: 29 }, (_, i) => 29 - i)]
    expect(new Map(left.map(({ first, depth }) => [first, depth]))).toEqual(
      new Map(siblings.map((first, i) => [first, depths[i]])),
    )
  })

  it('gives every leaf but those that were cut away, however often and in whatever order it is cut', () => {
    fc.assert(
      fc.property(fc.array(near, { maxLength: 4 }), near, (cuts, asked) => {
        const left = cuts.reduce((nodes: readonly GgmNode[], offsets) => ggmWithout(nodes, offsets), seed)
        const gone = new Set(cuts.flat())
        assertSorted(left)
        const one = new GgmWalk(left)
        for (const offset of [...asked, ...gone, ...asked])
          expect(one.leaf(offset)).toBe(gone.has(offset) ? undefined : latin1(defined(offset)))
      }),
      { numRuns: 60 },
    )
  })

  it('gives nothing but the leaves that were cut out, of those that were there', () => {
    fc.assert(
      fc.property(near, near, near, (cut, kept, asked) => {
        const left = ggmOnly(ggmWithout(seed, cut), kept)
        assertSorted(left)
        const one = new GgmWalk(left)
        for (const offset of [...asked, ...cut, ...kept]) {
          const there = kept.includes(offset) && !cut.includes(offset)
          expect(one.leaf(offset)).toBe(there ? latin1(defined(offset)) : undefined)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('has one node for a run of leaves that share one, and no more than two a level for any run', () => {
    const run = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
    expect(ggmOnly(seed, run(256, 512)).map(({ depth, first }) => [depth, first])).toEqual([[24, 256]])
    expect(ggmOnly(seed, run(1, 1023)).length).toBeLessThanOrEqual(20)
    expect(ggmWithout(seed, run(0, 1024)).length).toBe(22)
  })

  it('that nothing is left of gives nothing, and offsets of no chunk cut nothing', () => {
    expect(ggmOnly(seed, [])).toEqual([])
    expect(new GgmWalk([]).leaf(0)).toBeUndefined()
    expect(ggmWithout(seed, [-1, 2 ** 32])).toEqual(seed)
  })
})

function assertSorted(nodes: readonly GgmNode[]): void {
  for (const [i, { first, depth }] of nodes.entries()) {
    expect(first % 2 ** (32 - depth)).toBe(0)
    const next = nodes[i + 1]
    if (next !== undefined) expect(first + 2 ** (32 - depth)).toBeLessThanOrEqual(next.first)
  }
}

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
