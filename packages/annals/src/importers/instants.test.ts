import { describe, expect, it } from 'vitest'
import { elapsedMs, instantOf, instantOfMs } from './instants.ts'

describe('instantOf', () => {
  it.each([
    ['2023-07-10T12:07:57Z', '2023-07-10T12:07:57.000Z', false, false],
    ['2023-07-10T12:07:57.123456Z', '2023-07-10T12:07:57.123Z', false, true],
    ['2023-07-10T12:07:57.999999999Z', '2023-07-10T12:07:57.999Z', false, true],
    ['2023-07-10T12:07:57.120000Z', '2023-07-10T12:07:57.120Z', false, false],
    ['2023-07-10T14:07:57+02:00', '2023-07-10T12:07:57.000Z', false, false],
    ['2023-07-10T14:07:57+0200', '2023-07-10T12:07:57.000Z', false, false],
    ['2022-11-29 00:09:04.38', '2022-11-29T00:09:04.380Z', true, false],
    ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59.000Z', false, false],
  ])('reads %s', (text, at, assumedUtc, finer) => {
    expect(instantOf(text)).toEqual({ at, assumedUtc, finer })
  })

  it.each([
    '',
    'redacted',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-01-01T25:00:00Z',
    '2023-01-01',
    '1688990877',
    5,
    null,
    '2023-01-01T00:00:00+99:00',
  ])('does not read %j', value => {
    expect(instantOf(value)).toBeUndefined()
  })

  it.each([
    [1_606_929_874_512, '2020-12-02T17:24:34.512Z', false],
    [1_606_929_874_512.75, '2020-12-02T17:24:34.512Z', true],
    [100_000_000_000, '1973-03-03T09:46:40.000Z', false],
    [253_402_300_799_999, '9999-12-31T23:59:59.999Z', false],
  ])('reads %d milliseconds', (value, at, finer) => {
    expect(instantOfMs(value)).toEqual({ at, assumedUtc: false, finer })
  })

  it.each([
    1_606_929_874,
    99_999_999_999,
    253_402_300_800_000,
    -1_606_929_874_512,
    Number.NaN,
    '1606929874512',
    null,
  ])('does not read %j as milliseconds', value => {
    expect(instantOfMs(value)).toBeUndefined()
  })

  it('measures more finely than a millisecond', () => {
    expect(elapsedMs('2023-01-01T00:00:00.100250Z', '2023-01-01T00:00:01.000000Z')).toBe(899.75)
    expect(elapsedMs('2023-01-01T00:00:01Z', '2023-01-01T00:00:00Z')).toBeUndefined()
    expect(elapsedMs(undefined, '2023-01-01T00:00:00Z')).toBeUndefined()
  })
})
