import { describe, expect, it } from 'vitest'
import { changesBetween } from './changes.ts'

const list = (length: number): readonly number[] => Array.from({ length }, (_, at) => at)

describe('changesBetween', () => {
  it('tells each place', () => {
    expect(changesBetween({ a: 1, b: { c: [1] }, d: 0 }, { a: 1, b: { c: [1, 2] }, e: null })).toEqual([
      { path: '/b/c/1', op: 'add', after: 2 },
      { path: '/d', op: 'remove', before: 0 },
      { path: '/e', op: 'add', after: null },
    ])
  })

  it('tells at most 512', () => {
    const before = Object.fromEntries(list(600).map(at => [`k${at}`, at]))
    const after = Object.fromEntries(list(600).map(at => [`k${at}`, at + 1]))
    expect(changesBetween({ x: before }, { x: after })).toEqual([
      { path: '/x', op: 'replace', before, after },
    ])
  })

  it('does not compare more than 2,000 values, nor tell paths that are too long', () => {
    expect(changesBetween({ a: list(997) }, { a: list(996) })).toHaveLength(1)
    expect(changesBetween({ a: list(1000) }, { a: list(1000) })).toBeUndefined()
    expect(changesBetween({ ['x'.repeat(511)]: 1 }, {})).toHaveLength(1)
    expect(changesBetween({ ['x'.repeat(512)]: 1 }, {})).toBeUndefined()
  })
})
