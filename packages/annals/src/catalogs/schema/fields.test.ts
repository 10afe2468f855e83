import { describe, expect, it } from 'vitest'
import { dataSchema, defineEvent, type StandardSchemaV1 } from '../../catalog/index.ts'
import { fields, noData } from './fields.ts'
import { count, flag, json, list, oneOf, optional, text } from './value.ts'

const shape = fields({
  name: text,
  bytes: count,
  on: flag,
  kind: oneOf('a', 'b'),
  rest: json,
  keys: list(text),
  note: optional(text),
})
const GOOD = { name: '', bytes: 0, on: false, kind: 'b', rest: null, keys: ['k'] }

function paths(schema: StandardSchemaV1<never>, value: unknown): readonly string[] | 'fits' {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) throw new Error('is asynchronous')
  return result.issues === undefined
    ? 'fits'
    : result.issues.map(({ path = [], message }) => `${path.map(String).join('/')}: ${message}`)
}
const issues = (value: unknown): readonly string[] | 'fits' => paths(shape as StandardSchemaV1<never>, value)

describe('fields', () => {
  it('takes what fits, with and without what is optional, and gives it unchanged', () => {
    expect(issues(GOOD)).toBe('fits')
    expect(issues({ ...GOOD, note: 'n' })).toBe('fits')
    expect(issues({ ...GOOD, note: undefined })).toBe('fits')
    expect(shape['~standard'].validate(GOOD)).toEqual({ value: GOOD })
  })

  it.each<[string, object, string]>([
    ['text', { name: 7 }, 'name: must be a text'],
    ['negative', { bytes: -1 }, 'bytes: must be an integer of 0 or more'],
    ['fraction', { bytes: 0.5 }, 'bytes: must be an integer of 0 or more'],
    ['too large', { bytes: 2 ** 53 }, 'bytes: must be an integer of 0 or more'],
    ['flag', { on: 'true' }, 'on: must be true or false'],
    ['one of', { kind: 'c' }, 'kind: must be one of a, b'],
    ['list', { keys: 'k' }, 'keys: must be a list'],
    ['item', { keys: ['k', 1] }, 'keys/1: must be a text'],
    ['required', { rest: undefined }, 'rest: is required'],
    ['null for an optional text', { note: null }, 'note: must be a text'],
    ['stranger', { secret: 'hunter2' }, 'secret: is not a field of this event'],
  ])('refuses %s with the path', (_, wrong, issue) => {
    expect(issues({ ...GOOD, ...wrong })).toEqual([issue])
  })

  it('refuses what is no object, and members that are inherited', () => {
    for (const wrong of [undefined, null, 'x', [GOOD]]) expect(issues(wrong)).toEqual([': must be an object'])
    const named = fields({ toString: text }) as StandardSchemaV1<never>
    expect(paths(named, {})).toEqual(['toString: is required'])
    expect(issues(JSON.parse('{"__proto__": {"name": "x"}}'))).toContain(
      '__proto__: is not a field of this event',
    )
  })

  it('says the same as JSON Schema', () => {
    expect(dataSchema(defineEvent('a', { data: shape }))).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        bytes: { type: 'integer', minimum: 0 },
        on: { type: 'boolean' },
        kind: { enum: ['a', 'b'] },
        rest: {},
        keys: { type: 'array', items: { type: 'string' } },
        note: { type: 'string' },
      },
      required: ['name', 'bytes', 'on', 'kind', 'rest', 'keys'],
      additionalProperties: false,
    })
  })
})

describe('noData', () => {
  it('takes nothing', () => {
    const none = noData as StandardSchemaV1<never>
    expect(paths(none, undefined)).toBe('fits')
    for (const some of [null, {}, 'x']) expect(paths(none, some)).toEqual([': this event takes no data'])
  })
})
