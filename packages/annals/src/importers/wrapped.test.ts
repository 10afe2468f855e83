import { describe, expect, it } from 'vitest'
import type { Fields } from './fields.ts'
import { unwrapped } from './wrapped.ts'

const wrapping = { marks: ['action'], inside: ['event', 'detail'] }
const self = (record: Fields): Fields => record

describe('unwrapped', () => {
  it('gives a record of the source as it is, also one that has a member of that name', () => {
    const record = { action: 'a', event: { action: 'b' } }
    expect(unwrapped(record, wrapping, self)).toBe(record)
  })

  it('gives the first record inside', () => {
    const record = { action: 'a' }
    expect(unwrapped({ time: 1, event: record }, wrapping, self)).toBe(record)
    expect(unwrapped({ event: 'x', detail: record }, wrapping, self)).toBe(record)
    const neither = { event: ['x'] }
    expect(unwrapped(neither, wrapping, self)).toBe(neither)
  })

  it('opens one wrapper, not two', () => {
    expect(unwrapped({ event: { event: { action: 'a' } } }, wrapping, self)).toEqual({
      event: { action: 'a' },
    })
  })

  it('takes nothing from prototypes', () => {
    const given = JSON.parse('{"__proto__":{"action":"a"}}') as Fields
    expect(unwrapped(given, wrapping, self)).toBe(given)
  })

  it('leaves errors that are no rejects alone', () => {
    const fail = (): never => {
      throw new RangeError('mine')
    }
    expect(() => unwrapped({ event: {} }, wrapping, fail)).toThrow(RangeError)
  })
})
