import { describe, expect, it } from 'vitest'
import { AmbientScope } from './ambient.ts'

describe('AmbientScope', () => {
  const scope = new AmbientScope()

  it('outside of a scope a draft is what it is', () => {
    const draft = { action: 'a' }
    expect(scope.apply(draft)).toBe(draft)
  })

  it('the draft wins field by field; undefined gives nothing; origin and tags are joined by member', () => {
    const ambient = {
      tenant: 't',
      project: 'p',
      origin: { ip: '192.0.2.1', host: 'h' },
      tags: { a: '1', b: '1' },
    }
    const draft = {
      action: 'a',
      tenant: undefined,
      project: 'q',
      origin: { ip: '192.0.2.2' },
      tags: { b: '2' },
    }
    scope.run(ambient, () => {
      expect(scope.apply(draft)).toEqual({
        action: 'a',
        tenant: 't',
        project: 'q',
        origin: { ip: '192.0.2.2', host: 'h' },
        tags: { a: '1', b: '2' },
      })
    })
    expect(ambient.tags).toEqual({ a: '1', b: '1' })
    expect(draft.tags).toEqual({ b: '2' })
  })

  it('a malformed origin of the draft is left for the admission to judge', () => {
    scope.run({ origin: { ip: '192.0.2.1' } }, () => {
      expect(scope.apply({ action: 'a', origin: [] as never }).origin).toEqual([])
      expect(scope.apply({ action: 'a', origin: null as never }).origin).toBeNull()
    })
  })

  it('an own __proto__ stays a member and becomes nobody’s prototype', () => {
    scope.run({ tenant: 't' }, () => {
      const merged = scope.apply(JSON.parse('{"action":"a","__proto__":{"retention":"x"}}'))
      expect(Object.keys(merged)).toContain('__proto__')
      expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    })
  })

  it('the scopes of two trails are apart, and one ends with its work', async () => {
    const other = new AmbientScope()
    await scope.run({ tenant: 't' }, async () => {
      await Promise.resolve()
      expect(other.apply({ action: 'a' })).toEqual({ action: 'a' })
      expect(scope.apply({ action: 'a' })).toEqual({ action: 'a', tenant: 't' })
    })
    expect(scope.apply({ action: 'a' })).toEqual({ action: 'a' })
  })
})
