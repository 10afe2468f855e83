import { expect, it } from 'vitest'
import { AnnalsError } from '../model/index.ts'
import { NOW } from './events.test-support.ts'
import { FIELDS } from './fields.ts'
import { filter } from './filter.ts'
import { parseQuery } from './parse.ts'
import type { QueryContext } from './query-context.ts'
import { resolveQuery } from './resolve.ts'

function resolve(query: string, context: Partial<QueryContext> = {}): unknown {
  return resolveQuery(parseQuery(query), { now: NOW, ...context })
}

it.each([
  ['ip:10.0.0.0/33', [3, 14], 'is no address or network'],
  ['x ip:10.0.0', [5, 11], 'is no address or network'],
  ['ip:10.*', [3, 7], 'is no address or network'],
  ['index:-5', [6, 8], 'is no position'],
  ['index:1.5', [6, 9], 'is no position'],
  ['index:99999999999999999999', [6, 26], 'is no position'],
  ['index:9..3', [6, 10], 'ends before it begins'],
  ['index:1*', [6, 8], 'is no position'],
  ['took:5', [5, 6], 'is no duration'],
  ['took:>-5s', [6, 9], 'is no duration'],
  ['recorded:2026-04..2026-03', [9, 25], 'ends before it begins'],
  ['after:soon', [6, 10], 'is not a time'],
  ['actor:a after:2026,soon', [19, 23], 'is not a time'],
  ['action:ma*ne', [7, 12], 'a * stands within a segment'],
  ['action:*a', [7, 9], 'a * stands within a segment'],
  ['action:a.**', [7, 11], 'a * stands within a segment'],
  ['actor:me', [6, 8], 'nobody is signed in'],
  ['target:me', [7, 9], 'nobody is signed in'],
  ['is:fail*', [3, 8], 'takes names only'],
  ['is:*', [3, 4], 'takes names only'],
  ['a "..."', [2, 7], 'holds no word'],
  ['_', [0, 1], 'holds no word'],
])('%s is refused at its position', (query, position, message) => {
  try {
    resolve(query)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(AnnalsError)
    expect(error).toMatchObject({ code: 'ANNALS_QUERY', position })
    expect((error as Error).message).toContain(message)
  }
})

it('reads zone-less times in the zone of the reader', () => {
  expect(resolve('during:2026-10-25', { timeZone: 'Europe/Berlin' })).toMatchObject({
    tests: [{ how: 'range', from: Date.UTC(2026, 9, 24, 22), to: Date.UTC(2026, 9, 25, 23) }],
  })
})

it('makes after: and before: bounds', () => {
  expect(resolve('after:2026-03-01')).toMatchObject({
    tests: [{ from: Date.UTC(2026, 2, 1), to: Number.POSITIVE_INFINITY }],
  })
  expect(resolve('before:1h')).toMatchObject({
    tests: [{ from: Number.NEGATIVE_INFINITY, to: NOW - 3_600_000 }],
  })
})

it('understands the example of every field', () => {
  for (const field of FIELDS) expect(() => resolve(field.example)).not.toThrow()
  const names = FIELDS.flatMap(field => [field.name, ...(field.aliases ?? [])])
  expect(new Set(names).size).toBe(names.length)
})

it('refuses queries that a program built wrongly', () => {
  expect(() => filter('nope', ':', ['a'])).toThrow(TypeError)
  expect(() => filter('user', ':', ['a'])).toThrow(TypeError)
  expect(() => filter('tag', ':', ['a'])).toThrow(TypeError)
  expect(() => filter('actor', ':', ['a'], 'k')).toThrow(TypeError)
  expect(() => filter('actor', '>', ['a'])).toThrow(TypeError)
  expect(() => filter('actor', ':', [])).toThrow(TypeError)
  expect(() => filter('actor', ':', [{ kind: 'pattern', text: 'a b*' }])).toThrow(TypeError)
  expect(() => filter('actor', ':', [{ kind: 'range', from: '1' }])).toThrow(TypeError)
  expect(() => filter('actor', '=', [{ kind: 'any' }])).toThrow(TypeError)
  expect(() => resolveQuery(parseQuery(''), { now: Number.NaN })).toThrow(TypeError)
})
