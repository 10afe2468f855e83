import { describe, expect, it } from 'vitest'
import { keyOf, knownOf, withoutPlaces } from './members.ts'

describe('members of a log event', () => {
  it('are found by their own name first', () => {
    expect(keyOf({ eventType: 'a', eventtype: 'b' }, 'eventType')).toBe('eventType')
    expect(keyOf({ eventtype: 'b' }, 'eventType')).toBe('eventtype')
    expect(keyOf({}, 'eventType')).toBe('eventType')
    expect(keyOf({ OUTCOME: 1 }, 'outcome')).toBe('outcome')
  })

  it('are nothing where Okta writes unknown', () => {
    expect(['unknown', 'UNKNOWN', '', null, 5, 'unknowns'].map(knownOf)).toEqual([
      ...[undefined, undefined, undefined, undefined, undefined],
      'unknowns',
    ])
  })

  it('are left out place by place, and the record stays as it is', () => {
    const record = { a: { b: 1, c: { d: 2 } }, e: [{ b: 1 }], f: {}, g: undefined }
    const before = structuredClone(record)
    expect(withoutPlaces(record, [['a', 'b'], ['a', 'c', 'd'], ['e', 'b'], ['x']])).toEqual({ f: {} })
    expect(withoutPlaces(record, [['a', 'c'], ['e']])).toEqual({ a: { b: 1 }, f: {} })
    expect(withoutPlaces({ a: { b: 1 } }, [['a', 'b']])).toBeUndefined()
    expect(record).toEqual(before)
  })
})
