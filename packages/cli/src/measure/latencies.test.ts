import { expect, test } from 'vitest'
import { createLatencies } from './latencies.ts'

test('quantiles are nearest ranks', () => {
  const latencies = createLatencies()
  for (let ms = 3000; ms >= 1; ms--) latencies.add(ms)
  expect([latencies.count, latencies.quantile(0.5), latencies.quantile(0.99), latencies.quantile(1)]).toEqual(
    [3000, 1500, 2970, 3000],
  )
})

test('of nothing they are 0', () => {
  expect(createLatencies().quantile(0.99)).toBe(0)
})
