import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeBounds } from './time-bounds.ts'

test('an entry lies between the checkpoints it is in and those it is not in', () => {
  const bound = fc.record(
    { size: fc.nat(20), time: fc.nat(100), stamp: fc.constant(true as const) },
    { requiredKeys: ['size', 'time'] },
  )
  fc.assert(
    fc.property(
      fc.array(bound, { maxLength: 6 }),
      fc.array(fc.nat(100), { maxLength: 20 }),
      fc.nat(10),
      (bounds, times, skew) => {
        const checked = new TimeBounds(bounds, skew)
        for (const [index, time] of times.entries()) {
          const early = bounds.some(
            ({ size, time: at, stamp }) => stamp !== true && size <= index && time < at - skew,
          )
          const late = bounds.some(({ size, time: at }) => size > index && time > at + skew)
          const off = checked.off(index, time)
          if (early) expect(off).toBeLessThan(0)
          else if (late) expect(off).toBeGreaterThan(0)
          else expect(off).toBe(0)
        }
      },
    ),
  )
})
