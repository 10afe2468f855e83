import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PositionSet } from './position-set.ts'

const position = fc.oneof(fc.nat(70), fc.integer({ min: 32_700, max: 32_840 }), fc.nat(2 ** 40))
const range = fc.tuple(position, position)

test('a set of positions counts, finds and removes like a plain set', () => {
  fc.assert(
    fc.property(fc.array(position), fc.array(range), (added, removed) => {
      const set = new PositionSet()
      const plain = new Set(added)
      for (const index of added) set.add(index)
      expect(set.size).toBe(plain.size)
      for (const [from, to] of removed) {
        const within = [...plain].filter(index => index >= from && index < to)
        expect(set.count([from, to])).toBe(within.length)
        expect(set.first([from, to])).toBe(within.length === 0 ? undefined : Math.min(...within))
        expect(set.remove([from, to])).toBe(within.length)
        for (const index of within) plain.delete(index)
        expect(set.size).toBe(plain.size)
      }
      for (const index of added) expect(set.has(index)).toBe(plain.has(index))
    }),
  )
})
