import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarEdges } from './calendar-edges.ts'
import { parseRange } from './time.ts'
import { toWall } from './zone.ts'

const HOUR = 3_600_000
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Pacific/Apia',
]

function range(text: string, timeZone = 'Europe/Berlin'): readonly [number, number] {
  return parseRange(text, { now: 0, timeZone })
}

function iso(edges: readonly number[]): string[] {
  return edges.map(edge => new Date(edge).toISOString())
}

describe('days on which the clock is changed', () => {
  it('2026-10-25 in Berlin has 25 buckets of an hour, 2026-03-29 has 23', () => {
    const autumn = calendarEdges(range('2026-10-25'), 'Europe/Berlin', 25)
    expect(autumn).toHaveLength(26)
    expect(widths(autumn)).toEqual(new Set([HOUR]))
    expect(iso(autumn).slice(0, 5)).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-24T23:00:00.000Z',
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ])
    const spring = calendarEdges(range('2026-03-29'), 'Europe/Berlin', 25)
    expect(spring).toHaveLength(24)
    expect(widths(spring)).toEqual(new Set([HOUR]))
  })

  it('days begin at local midnight, and last 23, 24 or 25 hours', () => {
    const edges = calendarEdges(range('2026-10'), 'Europe/Berlin', 60)
    expect(edges).toHaveLength(32)
    expect(widths(edges)).toEqual(new Set([24 * HOUR, 25 * HOUR]))
    for (const edge of edges) expect(toWall(edge, 'Europe/Berlin') % (24 * HOUR)).toBe(0)
  })

  it('a day whose midnight is skipped begins at its first instant', () => {
    // Brazil put its clocks forward at midnight.
    const edges = calendarEdges(range('2018-11-03..2018-11-06', 'America/Sao_Paulo'), 'America/Sao_Paulo', 4)
    expect(iso(edges)).toEqual([
      '2018-11-03T03:00:00.000Z',
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
      '2018-11-06T02:00:00.000Z',
    ])
  })

  it('several hours go by the local clock', () => {
    const edges = calendarEdges(range('2026-10-25'), 'Europe/Berlin', 9)
    expect(edges.map(edge => new Date(toWall(edge, 'Europe/Berlin')).getUTCHours())).toEqual([
      0, 3, 6, 9, 12, 15, 18, 21, 0,
    ])
    expect((edges[1] as number) - (edges[0] as number)).toBe(4 * HOUR)
  })
})

it('is as narrow as the number of buckets allows, on boundaries of the calendar', () => {
  const cases: [string, number, number, string][] = [
    ['2026-03-01T14:05:00..2026-03-01T14:05:10', 10, 10, '2026-03-01T13:05:00.000Z'],
    ['2026-03-01T14:05:03..2026-03-01T14:06:03', 31, 31, '2026-03-01T13:05:02.000Z'],
    ['2026-03-01T14:05..2026-03-01T15:05', 12, 12, '2026-03-01T13:05:00.000Z'],
    ['2026-03-04..2026-03-25', 5, 4, '2026-03-01T23:00:00.000Z'],
    ['2026', 12, 12, '2025-12-31T23:00:00.000Z'],
    ['2026', 6, 4, '2025-12-31T23:00:00.000Z'],
    ['1990..2026', 40, 36, '1989-12-31T23:00:00.000Z'],
    ['2026-03-01T14:05:00.001..2026-03-01T14:05:00.002', 60, 1, '2026-03-01T13:05:00.001Z'],
  ]
  for (const [text, most, buckets, first] of cases) {
    const edges = calendarEdges(range(text), 'Europe/Berlin', most)
    expect(edges.length - 1, text).toBe(buckets)
    expect(iso(edges)[0], text).toBe(first)
  }
})

it('edges rise, hold the range, have a use each, and are no more than asked, in every zone', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1920, 0), max: Date.UTC(2090, 0) }),
      fc.oneof(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 40 * 24 * HOUR }),
        fc.integer({ min: 1, max: 100 * 365 * 24 * HOUR }),
      ),
      fc.constantFrom(...ZONES),
      fc.integer({ min: 2, max: 120 }),
      (from, length, zone, most) => {
        const edges = calendarEdges([from, from + length], zone, most)
        expect(edges.length).toBeGreaterThanOrEqual(2)
        expect(edges.length).toBeLessThanOrEqual(most + 1)
        expect(edges[0]).toBeLessThanOrEqual(from)
        expect(edges[1]).toBeGreaterThan(from)
        expect(edges.at(-1)).toBeGreaterThanOrEqual(from + length)
        expect(edges.at(-2)).toBeLessThan(from + length)
        for (const [i, edge] of edges.entries())
          if (i > 0) expect(edge).toBeGreaterThan(edges[i - 1] as number)
      },
    ),
    { numRuns: 300 },
  )
})

it('refuses what is no range, number or zone', () => {
  expect(() => calendarEdges([1, 1], 'UTC', 10)).toThrow(TypeError)
  expect(() => calendarEdges([0, Number.POSITIVE_INFINITY], 'UTC', 10)).toThrow(TypeError)
  expect(() => calendarEdges([0, 1], 'UTC', 1)).toThrow(TypeError)
  expect(() => calendarEdges([0, 1e9], 'Mars/Olympus', 10)).toThrow(/time zone/)
})

function widths(edges: readonly number[]): Set<number> {
  return new Set(edges.slice(1).map((edge, i) => edge - (edges[i] as number)))
}
