import { describe, expect, it } from 'vitest'
import { printQuery } from './print.ts'
import { checkScope, MAX_MASKS, type Scope, scopeQuery } from './scope.ts'

const OPEN: Scope = { filter: '', level: 'operator', masks: [] }

describe('a scope', () => {
  it('cannot be widened by what its filter says', () => {
    expect(printQuery(scopeQuery({ ...OPEN, filter: 'tenant:a OR tenant:b', level: 'owner' }))).toBe(
      '(tenant:a OR tenant:b) -visibility:operator',
    )
    expect(printQuery(scopeQuery({ ...OPEN, level: 'public' }))).toBe('visibility:public')
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
  ] satisfies [string, Scope][])('is refused with the path %s', (path, scope) => {
    expect(() => checkScope(scope)).toThrow(expect.objectContaining({ code: 'ANNALS_INVALID', path }))
  })

  it.each([
    { ...OPEN, filter: 'tenant' + ':(' },
    { ...OPEN, masks: [{ paths: ['/data'], unless: 'actr:me' }] },
  ])('is refused for a query that is none', scope => {
    expect(() => checkScope(scope)).toThrow(expect.objectContaining({ code: 'ANNALS_QUERY' }))
  })
})
