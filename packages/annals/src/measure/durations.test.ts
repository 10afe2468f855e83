import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ByteReader, ByteWriter } from './bytes.ts'
import { DURATION_ERROR, Durations } from './durations.ts'

const duration = fc.oneof(
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.nat(5_000),
  fc.constantFrom(0, 0.001, 1, 1e10),
)

function of(values: readonly number[]): Durations {
  const durations = new Durations()
  for (const value of values) durations.add(value)
  return durations
}

function written(durations: Durations): Uint8Array {
  const to = new ByteWriter()
  durations.write(to)
  return to.taken()
}

it('gives quantiles by nearest rank within 1 %, and the rest exactly', () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const durations = of(values)
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] as number
        const error = Math.abs(durations.quantile(q) - exact)
        expect(error).toBeLessThanOrEqual(Math.max(exact * DURATION_ERROR * 1.000_001, 0.001))
        expect([durations.count, durations.min, durations.max]).toEqual([
          values.length,
          sorted[0],
          sorted.at(-1),
        ])
        expect(durations.sum).toBeCloseTo(
          values.reduce((sum, value) => sum + value, 0),
          3,
        )
      },
    ),
  )
})

it('merges to what adding everything at once gives', () => {
  const lists = fc.array(fc.array(duration, { maxLength: 40 }), { maxLength: 6 })
  fc.assert(
    fc.property(lists, parts => {
      const merged = new Durations()
      for (const part of parts) merged.merge(new ByteReader(written(of(part))))
      const all = of(parts.flat())
      expect([merged.count, merged.min, merged.max]).toEqual([all.count, all.min, all.max])
      for (const q of [0, 0.1, 0.5, 0.9, 1]) expect(merged.quantile(q)).toBe(all.quantile(q))
    }),
  )
})

it('is finite for nothing, for one, and for what is longer than any operation', () => {
  expect(new Durations().quantile(0.5)).toBe(0)
  expect(of([250]).quantile(0.99)).toBe(250)
  const long = of([1, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE / 4])
  for (const q of [0, 0.5, 1]) expect(Number.isFinite(long.quantile(q))).toBe(true)
  expect(written(of(Array.from({ length: 20_000 }, (_, n) => 1.001 ** n))).length).toBeLessThan(6_000)
})
