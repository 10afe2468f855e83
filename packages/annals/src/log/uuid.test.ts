import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEventId } from './entry.ts'
import { IdSequence } from './uuid.ts'

const NOW = Date.parse('2026-11-21T05:00:00.000Z')

describe('IdSequence', () => {
  it('T4: gives UUIDv7 of RFC 9562: time, version 7, variant 10', () => {
    const id = new IdSequence().next(NOW)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(msOf(id)).toBe(NOW)
    expect(isEventId(id)).toBe(true)
    expect(msOf(new IdSequence().next(0))).toBe(0)
    expect(msOf(new IdSequence().next(2 ** 48 - 1))).toBe(2 ** 48 - 1)
  })

  it('P9: strictly increases within one millisecond, also beyond 4,096 of them', () => {
    const ids = new IdSequence()
    const made = Array.from({ length: 20_000 }, () => ids.next(NOW))
    expectRising(made)
    expect(msOf(made[4_095]!)).toBe(NOW)
    expect(msOf(made[4_096]!)).toBe(NOW + 1)
    expect(new Set(made).size).toBe(20_000)
  })

  it('P9: strictly increases over a clock that runs, stands and is set back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 60 }), steps => {
        const ids = new IdSequence()
        let now = NOW
        expectRising(
          steps.map(step => {
            now += step
            return ids.next(now)
          }),
        )
      }),
    )
  })

  it('P9: goes on above the last id after a restart, also with a clock behind or within the same ms', () => {
    for (const behind of [-10, 0, 1, 3_600_000]) {
      const before = new IdSequence()
      const last = Array.from({ length: 4_100 }, () => before.next(NOW)).at(-1)!
      const after = new IdSequence(last)
      expectRising([last, ...Array.from({ length: 5_000 }, () => after.next(NOW - behind))])
    }
  })

  it('two sequences at one instant give different ids', () => {
    expect(new IdSequence().next(NOW)).not.toBe(new IdSequence().next(NOW))
  })
})

function expectRising(ids: readonly string[]): void {
  for (const [i, id] of ids.entries()) {
    expect(isEventId(id)).toBe(true)
    if (i > 0 && !((ids[i - 1] as string) < id)) expect.fail(`${ids[i - 1]} is followed by ${id}`)
  }
}

function msOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
