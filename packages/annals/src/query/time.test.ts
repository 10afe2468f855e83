import { describe, expect, it } from 'vitest'
import { AnnalsError } from '../model/index.ts'
import { parseInstant, parseRange } from './time.ts'

const now = Date.UTC(2026, 10, 21, 12, 3, 4, 5)
const HOUR = 3_600_000

function range(text: string, timeZone?: string): string[] {
  return parseRange(text, { now, timeZone }).map(at => new Date(at).toISOString())
}

describe('ranges', () => {
  it.each([
    ['2026', 'UTC', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2026-12', 'UTC', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2024-02-29', 'UTC', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2026-03-01', 'Europe/Berlin', '2026-02-28T23:00:00.000Z', '2026-03-01T23:00:00.000Z'],
    ['2026-03-01T14:05', 'UTC', '2026-03-01T14:05:00.000Z', '2026-03-01T14:06:00.000Z'],
    ['2026-03-01 14:05:06', 'America/New_York', '2026-03-01T19:05:06.000Z', '2026-03-01T19:05:07.000Z'],
    ['2026-03-01T14:05:06.7', 'UTC', '2026-03-01T14:05:06.700Z', '2026-03-01T14:05:06.800Z'],
    ['2026-03-01t14:05:06.789012z', 'UTC', '2026-03-01T14:05:06.789Z', '2026-03-01T14:05:06.790Z'],
    ['2026-03-01T14:05:06+02:00', 'America/New_York', '2026-03-01T12:05:06.000Z', '2026-03-01T12:05:07.000Z'],
    ['2026-03-01T14:05-05:30', 'UTC', '2026-03-01T19:35:00.000Z', '2026-03-01T19:36:00.000Z'],
    ['15m', 'UTC', '2026-11-21T11:48:04.005Z', '2026-11-21T12:03:04.005Z'],
    ['2w', 'UTC', '2026-11-07T12:03:04.005Z', '2026-11-21T12:03:04.005Z'],
    ['now-1h', 'UTC', '2026-11-21T11:03:04.005Z', '2026-11-21T11:03:04.006Z'],
    ['NOW+1d', 'UTC', '2026-11-22T12:03:04.005Z', '2026-11-22T12:03:04.006Z'],
    ['today', 'Pacific/Auckland', '2026-11-21T11:00:00.000Z', '2026-11-22T11:00:00.000Z'],
    ['yesterday', 'UTC', '2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
    ['2026-03-01..2026-04', 'UTC', '2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['24h..1h', 'UTC', '2026-11-20T12:03:04.005Z', '2026-11-21T11:03:04.005Z'],
    ['0050', 'UTC', '0050-01-01T00:00:00.000Z', '0051-01-01T00:00:00.000Z'],
  ])('%s in %s', (text, timeZone, from, to) => {
    expect(range(text, timeZone)).toEqual([from, to])
  })

  it('have an open end when one is left out', () => {
    expect(parseRange('2026..', { now })).toEqual([Date.UTC(2026, 0), Number.POSITIVE_INFINITY])
    expect(parseRange('..2026', { now })).toEqual([Number.NEGATIVE_INFINITY, Date.UTC(2026, 0)])
  })

  it.each([
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-03-29', 'Europe/Berlin', 23],
    ['2026-03-28', 'Europe/Berlin', 24],
    ['2026-04-05', 'Australia/Lord_Howe', 24.5],
    ['2018-11-04', 'America/Sao_Paulo', 23],
    ['2011-12-30', 'Pacific/Apia', 0],
  ])('%s in %s is %s h long', (day, timeZone, hours) => {
    const [from, to] = parseRange(day, { now, timeZone })
    expect((to - from) / HOUR).toBe(hours)
  })

  it('take the first of a local time that occurs twice, and pass over one that is skipped', () => {
    const timeZone = 'Europe/Berlin'
    expect(parseInstant('2026-10-25T02:30', { now, timeZone })).toBe(Date.UTC(2026, 9, 25, 0, 30))
    expect(parseInstant('2026-03-29T02:30', { now, timeZone })).toBe(Date.UTC(2026, 2, 29, 1, 30))
  })
})

describe('refused', () => {
  it.each([
    '',
    'soon',
    '2026-13',
    '2026-02-30',
    '2026-1-1',
    '2026-03-01T24:00',
    '2026-03-01T10',
    '2026-03-01T10:00:60',
    '2026-03-01T10:00+24:00',
    '2026-03-01Z',
    '20260301',
    'now-',
    'now*1h',
    'now1h',
    '5',
    '5y',
    '-1h',
    '999999999999999w',
    '2026-04..2026-03',
    '..',
    '1..2..3',
  ])('%s', text => {
    expect(() => parseRange(text, { now })).toThrow(AnnalsError)
  })

  it('an unknown zone', () => {
    expect(() => parseRange('2026', { now, timeZone: 'Mars/Olympus' })).toThrow(/time zone "Mars\/Olympus"/)
  })

  it('a clock that is none, as a mistake of the programmer', () => {
    expect(() => parseInstant('2026', { now: Number.NaN })).toThrow(TypeError)
  })
})
