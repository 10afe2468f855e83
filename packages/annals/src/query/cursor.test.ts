import fc from 'fast-check'
import { expect, it } from 'vitest'
import { combineQueries } from './combine.ts'
import { type Cursor, formatCursor, parseCursor } from './cursor.ts'
import { queryDigest } from './digest.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'

const digest = queryDigest(parseQuery('actor:alice'))
const cursor: Cursor = { index: 918_233, order: 'desc', asOf: 918_300, digest }

it('comes back as it was', () => {
  const text = formatCursor(cursor)
  expect(text).toMatch(/^[\w-]+$/)
  expect(parseCursor(text, { digest })).toEqual(cursor)
  expect(parseCursor(text, { digest, order: 'desc' })).toEqual(cursor)
  expect(Object.keys(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))))).toEqual([
    ...['asOf', 'index', 'order', 'query', 'v'],
  ])
})

it('is refused with another query or order', () => {
  const text = formatCursor(cursor)
  const other = queryDigest(parseQuery('actor:bob'))
  for (const expected of [{ digest: other }, { digest, order: 'asc' as const }]) {
    expect(() => parseCursor(text, expected)).toThrow(expect.objectContaining({ code: 'ANNALS_CURSOR' }))
  }
})

it('is refused when any character differs, or one is added or missing', () => {
  const text = formatCursor(cursor)
  const alphabet = [...'ABCxyz019-_+/= \u00e9']
  fc.assert(
    fc.property(
      fc.nat({ max: text.length }),
      fc.constantFrom('', ...alphabet),
      fc.nat({ max: 1 }),
      (at, char, cut) => {
        const altered = text.slice(0, at) + char + text.slice(at + cut)
        if (altered === text) return
        expect(() => parseCursor(altered, { digest })).toThrow(
          expect.objectContaining({ code: 'ANNALS_CURSOR' }),
        )
      },
    ),
    { numRuns: 2000 },
  )
})

it.each(['', 'x', 'bnVsbA', 'W10', 'eyJ2IjoxfQ', 'A'.repeat(100_000)])('refuses %s', text => {
  expect(() => parseCursor(text, { digest })).toThrow(expect.objectContaining({ code: 'ANNALS_CURSOR' }))
})

it('refuses positions that are none, as a mistake of the programmer', () => {
  expect(() => formatCursor({ ...cursor, index: -1 })).toThrow(TypeError)
  expect(() => formatCursor({ ...cursor, asOf: 1.5 })).toThrow(TypeError)
})

it('the digest is that of the meaning, not the spelling, and stays what it is', () => {
  expect(queryDigest(parseQuery(' user:alice'))).toBe(digest)
  expect(queryDigest(parseQuery('actor:alicf'))).not.toBe(digest)
  expect(queryDigest(parseQuery(''))).toMatch(/^[0-9a-f]{16}$/)
  expect(digest).toMatchInlineSnapshot(`"fbb2f75e9816d1a0"`)
})

it('a scope cannot be widened by what it is joined to (M25)', () => {
  const scope = parseQuery('tenant:acme')
  const joined = (query: string): string => printQuery(combineQueries(scope, parseQuery(query)))
  expect(joined('tenant:umbra')).toBe('tenant:acme AND tenant:umbra')
  expect(joined('tenant:umbra OR id:x')).toBe('tenant:acme (tenant:umbra OR id:x)')
  expect(joined('')).toBe('tenant:acme')
})
