import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInstant, parseInstant } from './instant.ts'

describe('parseInstant', () => {
  it.each<[string, string]>([
    ['2026-11-21T12:02:41.318Z', '2026-11-21T12:02:41.318Z'],
    ['2026-11-21t12:02:41z', '2026-11-21T12:02:41.000Z'],
    ['2026-11-21 12:02Z', '2026-11-21T12:02:00.000Z'],
    ['2026-11-21T13:02:41.3+01:00', '2026-11-21T12:02:41.300Z'],
    ['2026-11-21T06:32:41,123456789-0530', '2026-11-21T12:02:41.123Z'],
    ['2026-11-21T13:02:41+01', '2026-11-21T12:02:41.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['0099-12-31T23:59:59.999Z', '0099-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (text, iso) => {
    expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(iso)
  })

  it.each([
    '',
    'now',
    '2026-11-21',
    '2026-11-21T12:02:41',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00Zx',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+1:00',
    '2026-01-01T00:00:00+',
    '2026-1-1T00:00:00Z',
    '+002026-01-01T00:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2026/01/01T00:00:00Z',
    '1795225000123',
  ])('refuses %j', text => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it('agrees with Date for every instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), ms => {
        expect(formatInstant(ms)).toBe(new Date(ms).toISOString())
        expect(parseInstant(formatInstant(ms))).toBe(ms)
      }),
      { numRuns: 2000 },
    )
    expect(() => formatInstant(253_402_300_800_000)).toThrow(RangeError)
  })
})
