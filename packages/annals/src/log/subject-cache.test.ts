import { describe, expect, it } from 'vitest'
import type { Person, SubjectKey } from './key-store.ts'
import { SubjectCache } from './subject-cache.ts'

const HALF = 32_768

describe('SubjectCache', () => {
  it('remembers by type and id', () => {
    const cache = new SubjectCache()
    cache.set({ type: 'user', id: 'a' }, key('1'))
    expect(cache.get({ type: 'user', id: 'a' })?.id).toBe('1')
    expect(cache.get({ type: 'customer', id: 'a' })).toBeUndefined()
    expect(cache.get({ type: 'user', id: '' })).toBeUndefined()
    cache.set({ type: 'user', id: 'a' }, key('2'))
    expect(cache.get({ type: 'user', id: 'a' })?.id).toBe('2')
  })

  it('is bounded: of many persons only the latest two generations stay', () => {
    const cache = new SubjectCache()
    for (let i = 0; i < 4 * HALF; i++) cache.set(person(i), key(String(i)))
    let kept = 0
    for (let i = 4 * HALF - 1; i >= 0; i--) {
      // Asking renews, so only a fresh count of hits from the newest down is meaningful.
      if (cache.get(person(i)) === undefined) break
      kept++
    }
    expect(kept).toBeGreaterThanOrEqual(HALF)
    expect(kept).toBeLessThanOrEqual(2 * HALF)
    expect(cache.get(person(0))).toBeUndefined()
  })

  it('keeps who is asked for, over any number of others', () => {
    const cache = new SubjectCache()
    const regular = { type: 'user', id: 'regular' }
    cache.set(regular, key('r'))
    for (let i = 0; i < 5 * HALF; i++) {
      cache.set(person(i), key(String(i)))
      if (i % 10_000 === 0) expect(cache.get(regular)?.id).toBe('r')
    }
    expect(cache.get(regular)?.id).toBe('r')
  })

  it('T54: clear forgets both generations', () => {
    const cache = new SubjectCache()
    for (let i = 0; i < HALF + 10; i++) cache.set(person(i), key(String(i)))
    cache.clear()
    expect(cache.get(person(0))).toBeUndefined()
    expect(cache.get(person(HALF + 5))).toBeUndefined()
  })
})

function person(i: number): Person {
  return { type: 'user', id: `u${i}` }
}

function key(id: string): SubjectKey {
  return { id, tag: '', key: '' }
}
