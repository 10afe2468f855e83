import { describe, expect, it } from 'vitest'
import { changesOf, targetsOf } from './targets.ts'

const APP = { id: '0oa1', type: 'AppInstance', alternateId: 'wiki', displayName: 'Wiki' }

describe('targets of Okta', () => {
  it('are known by id; what has none by its name, unless it is a person', () => {
    const target = [
      { id: '/api/v1/logs', type: 'URL Pattern' },
      { id: 'x', type: '§' },
      { ...APP, id: null },
      { id: 'unknown', type: 'User', alternateId: 'typed' },
      { type: 'AppUser', alternateId: 'typed' },
      null,
      'x',
    ]
    expect(targetsOf({ target }).all).toEqual([
      { type: 'url-pattern', id: '/api/v1/logs' },
      { type: 'unknown', id: 'x' },
      { type: 'app-instance', id: 'Wiki' },
    ])
    expect(targetsOf({ target: { id: '1' } }).all).toEqual([])
  })

  it('of several that changed, paths begin with the position', () => {
    const target = [
      { ...APP, changeDetails: { from: { a: 1 }, to: { a: 2 } } },
      APP,
      { ...APP, changeDetails: { from: null, to: { a: 3 } } },
    ]
    expect(changesOf({ target })).toEqual({
      changes: [
        { path: '/target/0/a', op: 'replace', before: 1, after: 2 },
        { path: '/target/2/a', op: 'add', after: 3 },
      ],
      left: [{ ...APP, changeDetails: { to: { a: 2 } } }, APP, target[2]],
      notes: [],
    })
  })

  it.each([
    [undefined],
    [null],
    ['x'],
    [[APP, { ...APP, changeDetails: null }, { ...APP, changeDetails: { from: 1, to: [2] } }]],
    [[{ ...APP, changeDetails: { from: 1, to: { a: 1 } } }]],
    [[{ ...APP, changeDetails: { from: { a: 1 }, to: 'x' } }]],
    [[{ ...APP, changeDetails: { from: null } }]],
  ])('stay as they are without changes: %j', target => {
    expect(changesOf({ target })).toEqual({ changes: [], left: target, notes: [] })
  })

  it('stay as they are where an event cannot hold what changed', () => {
    const target = [{ ...APP, changeDetails: { from: { ['x'.repeat(600)]: 1 }, to: {} } }]
    const { changes, left, notes } = changesOf({ target })
    expect([changes, left]).toEqual([[], target])
    expect(notes).toEqual([{ path: '/changes', reason: expect.stringContaining('only in data') }])
  })
})
