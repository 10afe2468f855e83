import fc from 'fast-check'
import { expect, it } from 'vitest'
import { arbitraryQuery } from './arbitraries.test-support.ts'
import { combineQueries } from './combine.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'

it.each([
  ['', ''],
  ['*', ''],
  [' user:alice  NOT (outcome:success) ', 'actor:alice -outcome:success'],
  ['actor:a actor:b', 'actor:a,b'],
  ['actor:a took:>5s actor:b', 'actor:a,b took:>5s'],
  ['actor:a AND actor:b', 'actor:a AND actor:b'],
  ['actor:a x AND actor:b y', 'actor:a x AND actor:b y'],
  ['actor:a actor=B', 'actor:a OR actor=B'],
  ['actor:a actor=B x', '(actor:a OR actor=B) x'],
  ['-actor:a -actor:b', '-actor:a -actor:b'],
  ['took:>1s took:<5s', 'took:>1s took:<5s'],
  ['a OR b c', 'a OR b c'],
  ['(a OR b) c', '(a OR b) c'],
  ['((a))', 'a'],
  ['-(-a)', 'a'],
  ['-(a b)', '-(a b)'],
  ['NOT a', '-a'],
  ['-*', '-*'],
  ['actor:"AND"', 'actor:AND'],
  ['"AND"', '"AND"'],
  ['actor:"a b","c,d",e', 'actor:"a b","c,d",e'],
  ['actor:"a*"', 'actor:"a*"'],
  ['index:"1..2"', 'index:"1..2"'],
  ['actor:"1..2"', 'actor:1..2'],
  ['actor:">5"', 'actor:">5"'],
  ['tag.env=">5"', 'tag.env=>5'],
  ['tag."my key":x', 'tag."my key":x'],
  ['tag."":""', 'tag."":""'],
  ['actor:"say \\"hi\\" \\\\ \\n"', 'actor:"say \\"hi\\" \\\\ \\\\n"'],
])('%s is printed as %s', (given, canonical) => {
  expect(printQuery(parseQuery(given))).toBe(canonical)
  expect(parseQuery(canonical)).toEqual(parseQuery(given))
})

it('reads back what it printed, whatever the query', () => {
  fc.assert(
    fc.property(arbitraryQuery, query => {
      expect(parseQuery(printQuery(query))).toEqual(query)
    }),
    { numRuns: 3000 },
  )
})

it('reads back joined queries', () => {
  fc.assert(
    fc.property(arbitraryQuery, arbitraryQuery, (a, b) => {
      const both = combineQueries(a, b)
      fc.pre(printQuery(both).length < 2000)
      let read: unknown
      try {
        read = parseQuery(printQuery(both))
      } catch (error) {
        fc.pre(!String(error).includes('at most 64 terms'))
        throw error
      }
      expect(read).toEqual(both)
    }),
    { numRuns: 500 },
  )
})
