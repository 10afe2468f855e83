import { describe, expect, it } from 'vitest'
import { printQuery } from './print.ts'
import { checkScope, levelOf, MAX_MASKS, MAX_SCOPES, type Scope, scopeQuery } from './scope.ts'

const OPEN: Scope = { filter: '', level: 'operator', masks: [] }

describe('a scope', () => {
  it('cannot be widened by what its filter says', () => {
    expect(printQuery(scopeQuery({ ...OPEN, filter: 'tenant:a OR tenant:b', level: 'owner' }))).toBe(
      '(tenant:a OR tenant:b) -visibility:operator',
    )
    expect(printQuery(scopeQuery({ ...OPEN, level: 'public' }))).toBe('visibility:public')
  })

  it('shows no more than the least of those it is within', () => {
    expect(levelOf(OPEN)).toBe('operator')
    expect(levelOf({ ...OPEN, within: { ...OPEN, level: 'owner' } })).toBe('owner')
    expect(levelOf({ ...OPEN, level: 'public', within: OPEN })).toBe('public')
    expect(checkScope(nested(MAX_SCOPES - 1))).toBeDefined()
  })

  it.each([
    ['/masks/0/paths/0', { ...OPEN, masks: [{ paths: ['/action'] }] }],
    ['/masks/0/paths/0', { ...OPEN, masks: [{ paths: ['/actor/id'] }] }],
    ['/masks/0/paths/0', { ...OPEN, masks: [{ paths: ['origin'] }] }],
    ['/masks/0/paths/0', { ...OPEN, masks: [{ paths: ['/outcome'] }] }],
    ['/masks/0/paths/1', { ...OPEN, masks: [{ paths: ['/data/a~1b', '/visibility'] }] }],
    ['/masks/0/paths', { ...OPEN, masks: [{ paths: new Array<string>(MAX_MASKS + 1).fill('/data') }] }],
    ['/masks', { ...OPEN, masks: new Array<{ paths: string[] }>(MAX_MASKS + 1).fill({ paths: [] }) }],
    ['/level', { ...OPEN, level: 'admin' as 'owner' }],
    ['/level', { ...OPEN, within: { ...OPEN, level: 'admin' as 'owner' } }],
    ['/within', nested(MAX_SCOPES)],
  ] satisfies [string, Scope][])('is refused with the path %s', (path, scope) => {
    expect(() => checkScope(scope)).toThrow(expect.objectContaining({ code: 'ANNALS_INVALID', path }))
  })

  it.each([
    { ...OPEN, filter: 'tenant' + ':(' },
    { ...OPEN, masks: [{ paths: ['/data'], unless: 'actr:me' }] },
    { ...OPEN, within: { ...OPEN, filter: 'tenant' + ':(' } },
  ])('is refused for a query that is none', scope => {
    expect(() => checkScope(scope)).toThrow(expect.objectContaining({ code: 'ANNALS_QUERY' }))
  })
})

function nested(depth: number): Scope {
  return depth === 0 ? OPEN : { ...OPEN, within: nested(depth - 1) }
}
