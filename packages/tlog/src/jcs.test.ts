import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CanonicalError, canonicalize, canonicalizeString, parseCanonical } from './index.ts'
import { unhex, utf8, vectors } from './testing/support.ts'

const rfc = vectors<{
  texts: { name: string; input: string; output: string }[]
  numbers: { ieee754: string; rfc: string; refused: boolean }[]
}>('tlog-jcs')

test.each(rfc.texts)('$name', ({ input, output }) => {
  expect(canonicalize(JSON.parse(input))).toBe(output)
})

test.each(rfc.numbers)('RFC 8785 appendix B: $ieee754', ({ ieee754, rfc: expected, refused }) => {
  const number = new DataView(unhex(ieee754).buffer).getFloat64(0)
  if (refused) expect(() => canonicalize(number)).toThrow(CanonicalError)
  else expect(canonicalize(number)).toBe(expected)
})

/** Where and why a value is refused. */
function fault(value: unknown, maxDepth = 32): string {
  try {
    return canonicalize(value, { maxDepth })
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error
    expect(error.code).toBe('E_CANON')
    return `${error.path}: ${error.reason}`
  }
}

test('what JSON would lose is refused, with its path', () => {
  class Point {
    readonly x = 1
  }
  const cycle: Record<string, unknown> = { a: {} }
  cycle['z'] = [cycle]
  const sparse: unknown[] = [1]
  sparse[2] = 3
  const cases: [unknown, string][] = [
    [undefined, ': undefined'],
    [[1, undefined], '/1: undefined'],
    [sparse, '/1: hole in an array'],
    [{ a: [Number.NaN] }, '/a/0: not a finite number'],
    [{ a: Number.NEGATIVE_INFINITY }, '/a: not a finite number'],
    [{ a: 2 ** 53 }, '/a: integer beyond 2^53 - 1'],
    [{ a: -1e300 }, '/a: integer beyond 2^53 - 1'],
    [{ 'a/b~c': 'x\ud800' }, '/a~1b~0c: lone surrogate'],
    [{ 'k\udc00': 1 }, '/k\ufffd: lone surrogate'],
    [['\udc00\ud800'], '/0: lone surrogate'],
    [{ a: 1n }, '/a: not JSON data'],
    [{ a: () => 1 }, '/a: not JSON data'],
    [{ a: Symbol('s') }, '/a: not JSON data'],
    [{ a: new Date(0) }, '/a: not JSON data'],
    [new Map([[1, 2]]), ': not JSON data'],
    [new Set([1]), ': not JSON data'],
    [new Point(), ': not JSON data'],
    [Object.create({ inherited: 1 }), ': not JSON data'],
    [new Uint8Array(2), ': not JSON data'],
    [new String('x'), ': not JSON data'],
    [/x/, ': not JSON data'],
    [new Error('x'), ': not JSON data'],
    [cycle, '/z/0: cycle'],
  ]
  for (const [value, expected] of cases) expect(fault(value)).toBe(expected)
})

test('a message does not repeat the value', () => {
  expect(() => canonicalize({ a: 'secret\ud800' })).toThrow(/^E_CANON: lone surrogate at \/a$/)
})

test('depth counts containers', () => {
  const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)])
  expect(fault(nest(32))).toBe(`${'['.repeat(32)}1${']'.repeat(32)}`)
  expect(fault(nest(33))).toBe(`${'/0'.repeat(32)}: too deep`)
  expect(fault(1, 0)).toBe('1')
  expect(fault({}, 0)).toBe(': too deep')
  expect(fault(nest(500), 1000)).toContain('[1]')
  const shared = { a: 1 }
  expect(canonicalize([shared, shared])).toBe('[{"a":1},{"a":1}]')
})

test('settings out of range are the caller’s mistake', () => {
  expect(() => canonicalize(1, { maxDepth: -1 })).toThrow(RangeError)
  expect(() => canonicalize(1, { maxDepth: 1001 })).toThrow(RangeError)
  expect(() => canonicalizeString(1 as unknown as string)).toThrow(TypeError)
})

test('undefined members are omitted, objects without prototype are plain, __proto__ is a key', () => {
  expect(canonicalize({ b: undefined, a: 1, c: undefined })).toBe('{"a":1}')
  const bare: Record<string, unknown> = Object.create(null)
  bare['z'] = 1
  Object.assign(bare, JSON.parse('{"__proto__":{"y":2}}'))
  expect(canonicalize(bare)).toBe('{"__proto__":{"y":2},"z":1}')
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${99 - i}`, i]))
  expect(canonicalize(many)).toBe(reference(many))
})

test('-0 is 0, and integer-like keys are sorted as text', () => {
  expect(canonicalize(-0)).toBe('0')
  expect(canonicalize({ 10: 1, 9: 2, a: 3 })).toBe('{"10":1,"9":2,"a":3}')
})

/** RFC 8785 by the shortest way: sort, then JSON.stringify, which writes strings and numbers as the RFC wants. */
function reference(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reference).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${reference(member)}`).join(',')}}`
}

test('the same as sorting and JSON.stringify for every I-JSON value', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', '/', '\u007f', '\u2028', '😀', '\ufb33'),
    }),
  )
  const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(text, number, fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 6 }),
      fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), { maxKeys: 40 }),
    ),
  }))
  fc.assert(
    fc.property(value, input => {
      const unsafe = JSON.stringify(input, (_, v: unknown) =>
        typeof v === 'number' && Number.isInteger(v) && !Number.isSafeInteger(v) ? undefined : v,
      )
      fc.pre(unsafe === JSON.stringify(input))
      const canonical = canonicalize(input)
      expect(canonical).toBe(reference(input))
      expect(canonicalize(parseCanonical(utf8(canonical)))).toBe(canonical)
      if (typeof input === 'string') expect(canonicalizeString(input)).toBe(canonical)
    }),
    { numRuns: 2000 },
  )
})

test('strings with any code unit are written or refused as JSON demands', () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    const one = String.fromCharCode(unit)
    if (one.isWellFormed()) expect(canonicalizeString(`a${one}b`)).toBe(JSON.stringify(`a${one}b`))
    else expect(() => canonicalizeString(`a${one}b`)).toThrow(CanonicalError)
  }
})
