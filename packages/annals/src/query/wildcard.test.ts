import fc from 'fast-check'
import { expect, it } from 'vitest'
import { meetsWildcard } from './wildcard.ts'

it('agrees with a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  fc.assert(
    fc.property(text, fc.array(text, { minLength: 1, maxLength: 4 }), (value, parts) => {
      expect(meetsWildcard(value, parts)).toBe(new RegExp(`^${parts.join('.*')}$`).test(value))
    }),
    { numRuns: 3000 },
  )
})
