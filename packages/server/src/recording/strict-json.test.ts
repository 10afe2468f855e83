import { formatPointer } from 'annals/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrict } from './strict-json.ts'

const pathOf = (text: string): string | undefined => {
  try {
    parseStrict(text)
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ANNALS_(INVALID|LIMIT)$/) })
    return (error as { path: string }).path
  }
}

/** Whether every number is one that all readers of JSON understand alike. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact)
}

describe('parseStrict', () => {
  it('takes what JSON.parse takes, and gives the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        if (isExact(value)) expect(parseStrict(text)).toEqual(JSON.parse(text))
        else expect(pathOf(text)).toBeDefined()
      }),
    )
    expect(parseStrict('[1.10, -0, 1E2, 0.30000000000000004, 9007199254740991]')).toEqual([
      1.1, -0, 100, 0.30000000000000004, 9007199254740991,
    ])
    expect(parseStrict(' "a\\"b:{[\\\\" ')).toBe('a"b:{[\\')
  })

  it.each([
    ['9007199254740993', ''],
    ['{"a":{"b/c":[0,9007199254740993]}}', '/a/b~1c/1'],
    ['{"t":-9223372036854775808}', '/t'],
    ['[1e400]', '/0'],
    ['{"x":0.12345678901234567890123}', '/x'],
  ])('refuses a number that a double cannot hold: %s', (text, path) => {
    expect(pathOf(text)).toBe(path)
  })

  it.each([
    ['{"a":1,"a":1}', '/a'],
    ['{"a" : 1 , "\\u0061" : 2}', '/a'],
    ['{"x":[{"k":1},{"k":{"~":1,"/":2,"~":3}}]}', '/x/1/k/~0'],
    ['[[],{},{"b":"{\\"a\\":1,","c":[","],"b":0}]', '/2/b'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['{"a":{"b":1,"b":1},"a":0}', '/a/b'],
    ['{"a":{"b":1},"a":0}', '/a'],
  ])('refuses a member that is there twice: %s', (text, path) => {
    expect(pathOf(text)).toBe(path)
  })

  it('finds a repeated member wherever it is put', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 4 })
    const property = fc.property(
      members,
      fc.array(fc.oneof(fc.string(), fc.nat(3))),
      fc.nat(),
      (object, around, pick) => {
        const names = Object.keys(object)
        const name = names[pick % names.length] as string
        const whole = JSON.stringify(object)
        let text = `${whole.slice(0, -1)},${JSON.stringify(name)}:null}`
        for (const step of around.toReversed())
          text =
            typeof step === 'number'
              ? `[${'{"a":[]},'.repeat(step)}${text},"b"]`
              : `{${JSON.stringify(step)}:${text}}`
        expect(pathOf(text)).toBe(formatPointer([...around, name]))
      },
    )
    fc.assert(property)
  })

  it('says where a text stops being JSON, and not what it holds', () => {
    for (const text of [
      '',
      '{',
      '{"a":secret}',
      '{"secret":1}x',
      '{"a":1,}',
      '\u00a0{}',
      "{'a':1}",
      '{"a":01}',
      '[NaN]',
    ]) {
      expect(() => parseStrict(text)).toThrow(expect.objectContaining({ code: 'ANNALS_INVALID' }))
      expect(() => parseStrict(text)).not.toThrow(/secret/)
    }
  })

  it('does not follow nesting without end', () => {
    expect(parseStrict('['.repeat(64) + ']'.repeat(64))).toBeInstanceOf(Array)
    expect(pathOf('['.repeat(65) + ']'.repeat(65))).toBe('')
    expect(pathOf('[{"a":'.repeat(1_000_000))).toBe('')
  })
})
