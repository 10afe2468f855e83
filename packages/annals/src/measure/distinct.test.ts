import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'
import { DISTINCT_ERROR, Distinct, EXACT_DISTINCT } from './distinct.ts'
import { KeyedHash } from './keyed-hash.ts'

const hash = new KeyedHash(new Uint8Array(16).fill(7))

function counting(from: number, to: number): Distinct {
  const distinct = new Distinct()
  for (let n = from; n < to; n++) distinct.add(hash.of(`n${n}`))
  return distinct
}

function written(distinct: Distinct): Uint8Array {
  const to = new ByteWriter()
  distinct.write(to)
  return to.taken()
}

it('counts exactly up to 512, however often each comes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 1_000 }), numbers => {
      const distinct = new Distinct()
      for (const n of numbers) distinct.add(hash.of(`n${n}`))
      expect(distinct.count()).toBe(new Set(numbers).size)
      expect(distinct.exact).toBe(true)
    }),
  )
  const full = counting(0, EXACT_DISTINCT)
  expect([full.exact, full.count()]).toEqual([true, EXACT_DISTINCT])
  full.add(hash.of('one more'))
  expect(full.exact).toBe(false)
})

it('estimates what is more within four standard errors', () => {
  for (const size of [513, 700, 1_500, 5_000, 20_000, 100_000, 400_000]) {
    const error = Math.abs(counting(0, size).count() - size) / size
    expect(error, `of ${size}`).toBeLessThan(4 * DISTINCT_ERROR)
  }
})

it('merges to what counting everything at once gives, in any order and again', () => {
  const cuts = fc.array(fc.tuple(fc.nat(3_000), fc.nat(1_200)), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(cuts, ranges => {
      const all = new Distinct()
      const parts = ranges.map(([from, length]) => {
        for (let n = from; n < from + length; n++) all.add(hash.of(`n${n}`))
        return written(counting(from, from + length))
      })
      const merged = new Distinct()
      for (const part of [...parts.toReversed(), parts[0] as Uint8Array]) merged.merge(new ByteReader(part))
      expect(merged.count()).toBe(all.count())
      // Whether it is exact depends on the whole only.
      expect(written(merged)).toEqual(written(all))
    }),
    { numRuns: 60 },
  )
})

it('takes no more bytes than its registers', () => {
  for (const size of [0, 1, 512, 513, 50_000]) expect(written(counting(0, size)).length).toBeLessThan(2_060)
})
