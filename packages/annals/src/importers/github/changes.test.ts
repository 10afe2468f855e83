import { describe, expect, it } from 'vitest'
import { changesOf } from './changes.ts'

describe('changesOf', () => {
  it.each([
    [{ a_was: 1, a: 2 }, '/a', ['a_was']],
    [{ a_were: 1, a: 2 }, '/a', ['a_were']],
    [{ old_a: 1, a: 2 }, '/a', ['old_a']],
    [{ old_a: 1, new_a: 2, a: 3 }, '/a', ['old_a']],
    [{ previous_a: 1, current_a: 2 }, '/a', ['previous_a']],
    [{ x_old_a: 1, x_a: 2 }, '/x_a', ['x_old_a']],
    [{ data: { old_a: 1, a: 2 } }, '/a', []],
    [{ changes: { a: { from: 1, to: 2 } } }, '/a', []],
  ])('%j', (record, path, used) => {
    expect(changesOf(record)).toEqual({
      changes: [{ path, op: 'replace', before: 1, after: 2 }],
      used,
      notes: [],
    })
  })

  it.each([
    {},
    { old_login: 'a' },
    { active: true, active_was: true },
    { changes: { a: { from: 1 }, b: { to: 1 }, c: 1, d: null } },
    { changes: [1] },
    { was: 1, old_: 1, _was: 1 },
  ])('nothing of %j', record => {
    expect(changesOf(record)).toEqual({ changes: [], used: [], notes: [] })
  })

  it('tells what within a value changed', () => {
    const record = { config: { url: 'b', secret: 'x' }, config_was: { url: 'a', secret: 'x' } }
    expect(changesOf(record).changes).toEqual([
      { path: '/config/url', op: 'replace', before: 'a', after: 'b' },
    ])
  })

  it('takes names of prototypes for names', () => {
    const record = JSON.parse('{"__proto___was":{"a":1},"__proto__":{"a":2},"old_constructor":1}') as object
    expect(changesOf(record as Readonly<Record<string, unknown>>).changes).toEqual([
      { path: '/__proto__/a', op: 'replace', before: 1, after: 2 },
    ])
  })

  it('says so where an event cannot hold them', () => {
    const [before, after] = [1, 2].map(value => Array.from({ length: 1500 }, () => value))
    const long = 'x'.repeat(600)
    for (const record of [
      { a: after, a_was: before },
      { [long]: 1, [`old_${long}`]: 2 },
    ]) {
      expect(changesOf(record)).toEqual({
        changes: [],
        used: [],
        notes: [{ path: '/changes', reason: expect.stringContaining('only in data') }],
      })
    }
  })
})
