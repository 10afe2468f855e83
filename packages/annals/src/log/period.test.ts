import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PERIODS, periodEnd, periodName } from './period.ts'

const ms = (text: string): number => Date.parse(text)

describe('chunk periods', () => {
  it.each([
    ['hour', '2026-11-21T05:59:59.999Z', '2026-11-21_05', '2026-11-21T06:00:00.000Z'],
    ['hour', '2026-11-21T06:00:00.000Z', '2026-11-21_06', '2026-11-21T07:00:00.000Z'],
    ['hour', '2026-12-31T23:30:00.000Z', '2026-12-31_23', '2027-01-01T00:00:00.000Z'],
    ['day', '2026-11-21T00:00:00.000Z', '2026-11-21', '2026-11-22T00:00:00.000Z'],
    ['day', '2026-11-21T23:59:59.999Z', '2026-11-21', '2026-11-22T00:00:00.000Z'],
    ['day', '2024-02-28T12:00:00.000Z', '2024-02-28', '2024-02-29T00:00:00.000Z'],
    ['day', '2024-02-29T12:00:00.000Z', '2024-02-29', '2024-03-01T00:00:00.000Z'],
    ['day', '2100-02-28T12:00:00.000Z', '2100-02-28', '2100-03-01T00:00:00.000Z'],
    ['day', '2026-12-31T12:00:00.000Z', '2026-12-31', '2027-01-01T00:00:00.000Z'],
    ['month', '2026-01-31T23:59:59.999Z', '2026-01', '2026-02-01T00:00:00.000Z'],
    ['month', '2024-02-29T23:59:59.999Z', '2024-02', '2024-03-01T00:00:00.000Z'],
    ['month', '2026-12-01T00:00:00.000Z', '2026-12', '2027-01-01T00:00:00.000Z'],
  ] as const)('M27: a %s holding %s is named %s and ends at %s', (period, time, name, end) => {
    expect(periodName(period, ms(time))).toBe(name)
    expect(new Date(periodEnd(period, ms(time))).toISOString()).toBe(end)
  })

  it('M27: summer time is irrelevant: days have 24 hours in any zone of the machine', () => {
    const before = process.env['TZ']
    try {
      for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'UTC']) {
        process.env['TZ'] = zone
        for (const day of ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2011-12-30']) {
          const start = ms(`${day}T00:00:00.000Z`)
          expect(periodEnd('day', start + 1) - start).toBe(86_400_000)
          expect(periodEnd('hour', start + 3_600_000) - start).toBe(7_200_000)
          expect(periodName('day', start)).toBe(day)
        }
      }
    } finally {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    }
  })

  it('periods tile time: the end is the first instant with another name, and names sort as times do', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PERIODS), fc.integer({ min: 0, max: 4e12 }), (period, time) => {
        const end = periodEnd(period, time)
        expect(end).toBeGreaterThan(time)
        expect(periodName(period, end - 1)).toBe(periodName(period, time))
        expect(periodName(period, end) > periodName(period, time)).toBe(true)
        expect(periodEnd(period, end - 1)).toBe(end)
      }),
    )
  })
})
