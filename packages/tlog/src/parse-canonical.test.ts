import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CanonicalError, canonicalize, parseCanonical } from './index.ts'
import { codeOf, utf8, vectors } from './testing/support.ts'

const { refusedBytes, texts } = vectors<{ refusedBytes: { text: string }[]; texts: { output: string }[] }>(
  'tlog-jcs',
)

test.each(refusedBytes)('not canonical: $text', async ({ text }) => {
  expect(await codeOf(() => parseCanonical(utf8(text)))).toBe('E_CANON')
})

test('canonical texts parse, and come out the same', () => {
  for (const { output } of texts) expect(canonicalize(parseCanonical(utf8(output)))).toBe(output)
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
      let text: string
      try {
        text = canonicalize(value)
      } catch {
        return
      }
      expect(canonicalize(parseCanonical(utf8(text)))).toBe(text)
    }),
  )
})

test('invalid UTF-8 and deep nesting are refused', () => {
  expect(() => parseCanonical(new Uint8Array([34, 0xff, 34]))).toThrow(CanonicalError)
  expect(() => parseCanonical(new Uint8Array([34, 0xed, 0xa0, 0x80, 34]))).toThrow(CanonicalError)
  expect(() => parseCanonical(utf8('['.repeat(100_000) + ']'.repeat(100_000)))).toThrow(CanonicalError)
  expect(() => parseCanonical('1' as unknown as Uint8Array)).toThrow(TypeError)
})

test('__proto__ stays an own key and changes no prototype', () => {
  const value = parseCanonical(utf8('{"__proto__":{"admin":true}}')) as Record<string, unknown>
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect(value['admin']).toBeUndefined()
})

// V8 gives later escaped keys as a single backslash once it has parsed such a key: nodejs/node issue 63785.
test('escaped keys survive the key cache of V8', () => {
  JSON.parse('{"h":[],"\\\\":0}')
  for (const key of ['\n', '"', '\u0001', '\\\\', '__proto__\n']) {
    const text = canonicalize({ h: [1, { [key]: { a: null } }], [key]: -1.5, z: 'x"' })
    const text2 = canonicalize({ h: 1, [key]: 2 })
    for (const canonical of [text, text2]) {
      const value = parseCanonical(utf8(canonical)) as Record<string, unknown>
      expect(Object.keys(value)).toContain(key)
      expect(canonicalize(value)).toBe(canonical)
    }
  }
  const proto = parseCanonical(utf8('{"\\n":1,"__proto__":{"a":true}}')) as Record<string, unknown>
  expect(Object.keys(proto)).toEqual(['\n', '__proto__'])
  expect(proto['a']).toBeUndefined()
})
