import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnnalsError } from './errors.ts'
import { fitEvent, KEPT_BYTES } from './fit.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { NormalEvent } from './normal-event.ts'
import { normalizeDraft } from './normalize.ts'
import { utf8Length } from './utf8.ts'

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const size = (event: NormalEvent): number => utf8Length(JSON.stringify(event))
const normal = (draft: object): NormalEvent =>
  normalizeDraft({ action: 'a', ...draft }, { limits: DEFAULT_LIMITS, now: 0 })
const fit = (event: NormalEvent, limit: number): NormalEvent => fitEvent(event, size, limit, sha256Hex)

describe('T25 fitEvent', () => {
  it('returns an event that fits as it is', () => {
    const event = normal({ data: { text: 'x'.repeat(500) } })
    expect(fit(event, size(event))).toBe(event)
  })

  it('cuts the longest first, and no more than needed', () => {
    const event = normal({
      data: { 'a/b': 'x'.repeat(9000), short: 'y'.repeat(1000) },
      changes: [{ path: '/p', op: 'add', after: ['z'.repeat(2000)] }],
      outcome: { result: 'failure', message: 'm'.repeat(1500) },
    })
    const fitted = fit(event, 8000)
    expect(fitted.truncated).toEqual([
      { path: '/data/a~1b', bytes: 9000, sha256: sha256Hex('x'.repeat(9000)) },
    ])
    expect(size(fitted)).toBeLessThanOrEqual(8000)
    expect(size(fitted)).toBeGreaterThan(7900)
    const tight = fit(event, 2500)
    expect(tight.truncated?.map(cut => cut.path).sort()).toEqual([
      '/changes/0/after/0',
      '/data/a~1b',
      '/data/short',
      '/outcome/message',
    ])
    expect(size(tight)).toBeLessThanOrEqual(2500)
    expect((event.data as { short: string }).short).toHaveLength(1000)
  })

  it('refuses what cutting cannot make fit', () => {
    const event = normal({ data: Array.from({ length: 1000 }, (_, at) => at) })
    expect(() => fit(event, 1000)).toThrow(expect.objectContaining({ code: 'ANNALS_LIMIT' }))
  })

  it('fits or refuses, on whole code points, never below the kept prefix', () => {
    const text = fc
      .tuple(fc.string({ unit: 'grapheme' }), fc.nat(400))
      .map(([unit, times]) => unit.repeat(times))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.integer({ min: 600, max: 6000 }), (texts, limit) => {
        const event = normal({ data: { texts }, outcome: { result: 'failure', message: texts[0] ?? '' } })
        let fitted: NormalEvent
        try {
          fitted = fit(event, limit)
        } catch (error) {
          expect(error).toBeInstanceOf(AnnalsError)
          return
        }
        expect(size(fitted)).toBeLessThanOrEqual(limit)
        const kept = (fitted.data as { texts: string[] }).texts
        for (const [at, full] of texts.entries()) {
          const now = kept[at] ?? ''
          expect(full.startsWith(now)).toBe(true)
          expect(now.isWellFormed()).toBe(true)
          const entry = fitted.truncated?.find(cut => cut.path === `/data/texts/${at}`)
          if (now === full) expect(entry).toBeUndefined()
          else {
            expect(entry).toEqual({
              path: `/data/texts/${at}`,
              bytes: utf8Length(full),
              sha256: sha256Hex(full),
            })
            expect(utf8Length(now)).toBeGreaterThan(KEPT_BYTES - 4)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
