import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChanges } from './apply-changes.ts'
import { diff } from './diff.ts'
import { sameJson } from './equal.ts'
import { AnnalsError } from './errors.ts'
import type { Change, Json } from './event.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { normalizeDraft } from './normalize.ts'

const parse = (text: string): Json => JSON.parse(text) as Json

describe('T26 diff', () => {
  it.each<[string, Json, Json, Change[]]>([
    ['nothing', { a: [1] }, { a: [1] }, []],
    [
      'add, remove, replace',
      { a: 1, b: 2 },
      { b: 3, c: 4 },
      [
        { path: '/a', op: 'remove', before: 1 },
        { path: '/b', op: 'replace', before: 2, after: 3 },
        { path: '/c', op: 'add', after: 4 },
      ],
    ],
    ['the whole', 1, 'x', [{ path: '', op: 'replace', before: 1, after: 'x' }]],
    [
      'null and missing',
      { a: null },
      { b: null },
      [
        { path: '/a', op: 'remove', before: null },
        { path: '/b', op: 'add', after: null },
      ],
    ],
    ['null to value', { a: null }, { a: 0 }, [{ path: '/a', op: 'replace', before: null, after: 0 }]],
    ['kinds', { a: [] }, { a: {} }, [{ path: '/a', op: 'replace', before: [], after: {} }]],
    [
      'nested and dotted',
      { 'a.b': { 'c/d~': 1 } },
      { 'a.b': { 'c/d~': 2 } },
      [{ path: '/a.b/c~1d~0', op: 'replace', before: 1, after: 2 }],
    ],
    [
      '__proto__',
      parse('{"__proto__":{"a":1}}'),
      parse('{"__proto__":{"a":2}}'),
      [{ path: '/__proto__/a', op: 'replace', before: 1, after: 2 }],
    ],
    ['added __proto__', {}, parse('{"__proto__":1}'), [{ path: '/__proto__', op: 'add', after: 1 }]],
    ['insert in the middle', ['a', 'c'], ['a', 'b', 'c'], [{ path: '/1', op: 'add', after: 'b' }]],
    [
      'remove in the middle',
      ['a', 'b', 'c', 'd'],
      ['a', 'd'],
      [
        { path: '/2', op: 'remove', before: 'c' },
        { path: '/1', op: 'remove', before: 'b' },
      ],
    ],
    ['element replaced', [1, 2, 3], [1, 5, 3], [{ path: '/1', op: 'replace', before: 2, after: 5 }]],
    [
      'element of the same id',
      [
        { id: 1, n: 'a' },
        { id: 2, n: 'b' },
      ],
      [{ id: 2, n: 'c' }],
      [
        { path: '/1/n', op: 'replace', before: 'b', after: 'c' },
        { path: '/0', op: 'remove', before: { id: 1, n: 'a' } },
      ],
    ],
    [
      'other id in its place',
      [{ id: 1 }],
      [{ id: 2 }],
      [
        { path: '/0', op: 'remove', before: { id: 1 } },
        { path: '/0', op: 'add', after: { id: 2 } },
      ],
    ],
  ])('%s', (_, before, after, changes) => {
    expect(diff(before, after)).toEqual(changes)
    expect(sameJson(applyChanges(before, changes), after)).toBe(true)
  })

  it('T28 reports tags and metadata of one update both', () => {
    const paths = diff(
      { tags: { a: '1' }, metadata: { b: '1' } },
      { tags: { a: '2' }, metadata: { b: '2' } },
    ).map(change => change.path)
    expect(paths).toEqual(['/tags/a', '/metadata/b'])
  })

  it('reports parents when there is too much', () => {
    const list = (from: number): Json => ({
      deep: Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`k${at}`, from + at])),
      other: from,
    })
    expect(diff(list(0), list(1)).map(change => change.path)).toEqual(['/deep', '/other'])
    expect(diff(list(0), list(1), { most: 1 }).map(change => change.path)).toEqual([''])
    expect(() => diff(1, 2, { most: 0 })).toThrow(TypeError)
  })

  it('takes long arrays', () => {
    const long = Array.from({ length: 3000 }, (_, at) => at)
    const shuffled = long.map(at => (at * 7) % 3000)
    const changes = diff(long, shuffled, { most: 10_000 })
    expect(sameJson(applyChanges(long, changes), shuffled)).toBe(true)
  })
})

describe('diff and applyChanges', () => {
  const name = fc.constantFrom('a', 'b', 'id', 'x.y', 'x/y', '~', '__proto__', 'constructor', '')
  const { value } = fc.letrec<{ value: Json }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, true, 0, 1, 'x', 'y'),
      fc.array(tie('value'), { maxLength: 6 }),
      fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map(entries => {
        const made: Record<string, Json> = {}
        for (const [key, member] of entries)
          Object.defineProperty(made, key, {
            value: member,
            enumerable: true,
            writable: true,
            configurable: true,
          })
        return made
      }),
    ),
  }))

  it('T26 applying the difference gives the value after, and mutates nothing', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 1, max: 6 }), (before, after, most) => {
        const spelled = JSON.stringify(before)
        for (const changes of [
          diff(before, after),
          diff(before, after, { most }),
          diff(before, after, { identity: [] }),
        ]) {
          expect(sameJson(applyChanges(before, changes), after)).toBe(true)
        }
        expect(diff(before, after, { most }).length).toBeLessThanOrEqual(most)
        expect(JSON.stringify(before)).toBe(spelled)
        expect(diff(before, before)).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  it('differences are good changes of a draft', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        const changes = diff(before, after)
        const event = normalizeDraft({ action: 'a', changes }, { limits: DEFAULT_LIMITS, now: 0 })
        expect(event.changes ?? []).toEqual(changes)
      }),
    )
  })

  it.each<[Change]>([
    [{ path: '/x/y', op: 'replace', before: 1, after: 2 }],
    [{ path: '/9', op: 'remove', before: 1 }],
    [{ path: '/a', op: 'replace', masked: true }],
    [{ path: 'a', op: 'add', after: 1 }],
    [{ path: '', op: 'add', after: 1 }],
  ])('refuses %j', change => {
    expect(() => applyChanges({ a: 1 }, [change])).toThrow(AnnalsError)
  })
})
