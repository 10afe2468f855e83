import { createHash } from 'node:crypto'
import { canonicalize } from '@annals/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OUTCOME_RESULTS, PHASES } from '../model/index.ts'
import {
  type Entry,
  EntryError,
  formatEntry,
  isEventId,
  isRetentionClass,
  parseEntry,
  readEntry,
} from './entry.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(b => Buffer.from(b).toString('base64url'))
const half = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(b => Buffer.from(b).toString('base64url'))
const id = fc.uuid({ version: 7 })
const arbitraryEntry: fc.Arbitrary<Entry> = fc
  .record({
    action: fc.stringMatching(/^[A-Za-z0-9_-]{1,9}(\.[A-Za-z0-9_-]{1,9}){0,3}$/),
    commitments: fc.dictionary(fc.stringMatching(/^[a-z]{1,16}$/), hash, {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    id,
    key: fc.option(half, { nil: undefined }),
    nonce: half,
    result: fc.constantFrom(...OUTCOME_RESULTS),
    operation: fc.option(id, { nil: undefined }),
    phase: fc.constantFrom(...PHASES),
    retention: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    source: fc.tuple(
      fc.stringMatching(/^[0-9a-f]{16}\/[1-9][0-9]{0,5}$/),
      fc.integer({ min: 1, max: 2 ** 53 - 1 }),
    ),
    recordedAt: fc.integer({ min: 0, max: 8.64e15 }),
  })
  .map(({ key, operation, ...rest }) => ({
    ...rest,
    ...(key === undefined ? {} : { key }),
    ...(operation === undefined ? {} : { operation }),
  }))

const GOOD = {
  a: 'machine.delete',
  c: { what: sha('a'), who: sha('b') },
  i: '019aa56f-9000-7000-8000-000000000001',
  n: `${sha('n').slice(0, 21)}A`,
  o: 'success',
  p: 'single',
  r: 'standard',
  s: ['00112233445566aa/1', 1],
  t: 1_763_712_000_000,
  v: 1,
}

describe('entries', () => {
  it('format and strict parse are inverse, and the text is canonical', () => {
    fc.assert(
      fc.property(arbitraryEntry, entry => {
        const text = format(entry)
        expect(canonicalize(JSON.parse(text))).toBe(text)
        expect(parseEntry(Buffer.from(text))).toStrictEqual(entry)
        expect(readEntry(text)).toStrictEqual(entry)
      }),
      { numRuns: 300 },
    )
  })

  it('a sound one with every optional key parses', () => {
    expect(parse(GOOD).action).toBe('machine.delete')
    expect(parse({ ...GOOD, k: `${sha('k').slice(0, 21)}Q`, op: GOOD.i })).toMatchObject({
      operation: GOOD.i,
    })
  })

  it.each([
    ['a', ['', '.', 'a..b', 'a b', 'a.', 5, null, 'é', ['a']]],
    [
      'i',
      ['', GOOD.i.toUpperCase(), GOOD.i.replace('-7', '-4'), GOOD.i.replace('-8', '-c'), `${GOOD.i} `, 7],
    ],
    ['op', ['', 'x', 1, null]],
    ['k', ['', 'A'.repeat(21), `${'A'.repeat(21)}B`, `${'A'.repeat(21)}+`, 1, null]],
    ['n', ['', 'A'.repeat(23), `${'A'.repeat(21)}B`, null]],
    ['o', ['', 'Success', 'ok', 1, null]],
    ['p', ['', 'begin', 1, null]],
    ['r', ['', 'Standard', '1a', 'a'.repeat(65), 'a b', null]],
    ['t', [-1, 1.5, '1', null, 2 ** 53]],
    ['v', [0, 2, '1', null]],
    [
      's',
      [
        null,
        [],
        ['00112233445566aa/1'],
        ['00112233445566aa/1', 1, 1],
        ['00112233445566AA/1', 1],
        ['00112233445566aa/01', 1],
      ],
    ],
    [
      's',
      [
        ['00112233445566aa', 1],
        ['00112233445566aa/1', 0],
        ['00112233445566aa/1', -1],
        ['00112233445566aa/1', 1.5],
        ['x', '1'],
      ],
    ],
    [
      'c',
      [
        null,
        [],
        'x',
        { Who: sha('a') },
        { '': sha('a') },
        { ['a'.repeat(17)]: sha('a') },
        { who: 5 },
        { who: null },
      ],
    ],
    [
      'c',
      [
        { who: sha('a').slice(1) },
        { who: `${sha('a').slice(0, 42)}B` },
        { who: `${sha('a')}A` },
        { who: `+${sha('a').slice(1)}` },
      ],
    ],
  ])('refuses "%s" that is not in its form', (key, values) => {
    for (const value of values) refused({ ...GOOD, [key]: value }, 'E_ENTRY_FORMAT')
  })

  it.each(['a', 'c', 'i', 'n', 'o', 'p', 'r', 's', 't', 'v'])('refuses an entry without "%s"', key => {
    const { [key as 'a']: _, ...rest } = GOOD
    refused(rest, 'E_ENTRY_FORMAT')
  })

  it('refuses unknown keys and what is no object', () => {
    refused({ ...GOOD, x: 1 }, 'E_ENTRY_FORMAT')
    refused({ ...GOOD, constructor: 1 }, 'E_ENTRY_FORMAT')
    for (const value of [null, [], 'x', 1, true]) refused(value, 'E_ENTRY_FORMAT')
  })

  it.each([
    ['a space', (text: string) => text.replace(':', ': ')],
    ['members in another order', (text: string) => text.replace(/^\{("a":"[^"]*"),(.*)\}$/, '{$2,$1}')],
    ['a member twice', (text: string) => text.replace('"v":1', '"v":1,"v":1')],
    ['an escape that need not be', (text: string) => text.replace('machine', '\\u006dachine')],
    ['a number in another form', (text: string) => text.replace('"v":1', '"v":1.0')],
    ['trailing bytes', (text: string) => `${text}\n`],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['a cut', (text: string) => text.slice(0, -1)],
    ['nothing', () => ''],
  ])('refuses %s as not canonical', (_, change) => {
    const text = change(canonicalize(GOOD))
    expect(() => parseEntry(Buffer.from(text))).toThrow(
      expect.objectContaining({ name: 'EntryError', code: 'E_CANON' }),
    )
  })

  it('refuses bytes that are no UTF-8, and more than 65,535 of them', () => {
    const bytes = Buffer.from(canonicalize(GOOD))
    bytes[6] = 0xff
    expect(() => parseEntry(bytes)).toThrow(expect.objectContaining({ code: 'E_CANON' }))
    const c = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [letters(i), sha(String(i))]))
    refused({ ...GOOD, c }, 'E_ENTRY_FORMAT')
  })

  it('no change of one byte of an entry goes unnoticed: it is refused, or another entry', () => {
    const bytes = Buffer.from(canonicalize(GOOD))
    const before = parseEntry(bytes)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      try {
        expect(parseEntry(changed)).not.toEqual(before)
      } catch (error) {
        expect(error).toBeInstanceOf(EntryError)
      }
    }
  })

  it('T4: event ids are canonical UUIDv7, classes short and lower case', () => {
    expect(isEventId(GOOD.i)).toBe(true)
    for (const text of ['', 'x', GOOD.i.toUpperCase(), `${GOOD.i}\n`]) expect(isEventId(text)).toBe(false)
    expect(['standard', 'a', 'a-1'].every(isRetentionClass)).toBe(true)
    expect(['', '-a', 'A', '__proto__', 'a\n'].some(isRetentionClass)).toBe(false)
  })
})

function format({ commitments, source: [source, counter], ...rest }: Entry): string {
  const named = Object.entries(commitments).map(([name, value]) => ({ name, value }))
  return formatEntry(
    rest,
    named.sort((a, b) => (a.name < b.name ? -1 : 1)),
    source,
    counter,
  )
}

function parse(value: unknown): Entry {
  return parseEntry(Buffer.from(typeof value === 'object' ? canonicalize(value) : JSON.stringify(value)))
}

function refused(value: unknown, code: string): void {
  const text = JSON.stringify(value)
  const canonical = text.includes('9007199254740992') ? undefined : canonicalize(value)
  if (canonical === undefined) expect(() => parseEntry(Buffer.from(text))).toThrow(EntryError)
  else
    expect(() => parseEntry(Buffer.from(canonical)), canonical).toThrow(
      expect.objectContaining({ name: 'EntryError', code }),
    )
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function letters(n: number): string {
  return n.toString(26).replace(/./g, digit => String.fromCharCode(97 + Number.parseInt(digit, 26)))
}
