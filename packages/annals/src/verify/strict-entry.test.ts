import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatEntry, parseEntry } from '../log/entry.ts'
import { readStrictEntry, splitCommitments } from './strict-entry.ts'

const HASH = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const text = formatEntry(
  {
    action: 'machine.nic-1.add',
    id: '0192f0c1-2345-7678-9abc-def012345678',
    key: 'AAAAAAAAAAAAAAAAAAAAAA',
    nonce: 'BBBBBBBBBBBBBBBBBBBBBA',
    result: 'success',
    operation: '0192f0c1-2345-7678-9abc-def012345670',
    phase: 'outcome',
    retention: 'standard',
    recordedAt: 1_795_225_000_123,
  },
  [
    { name: 'internal', value: HASH },
    { name: 'what', value: HASH },
    { name: 'who', value: HASH },
  ],
  '9f86d081884c7d65/7',
  12_345,
)

function accepted(bytes: Buffer): boolean {
  try {
    parseEntry(bytes)
    return true
  } catch {
    return false
  }
}

test('reads what parseEntry reads', () => {
  const strict = readStrictEntry(text)!
  const { action, id, retention, source, recordedAt, commitments } = parseEntry(Buffer.from(text))
  expect(strict).toMatchObject({ action, id, retention, source: source[0], counter: source[1], recordedAt })
  expect(splitCommitments(strict.commitments)).toEqual(
    Object.entries(commitments).map(([name, commitment]) => ({ name, commitment })),
  )
  expect(splitCommitments('')).toEqual([])
})

const swaps = [
  ['"internal"', '"zzz"'],
  [`"internal":"${HASH}",`, ''],
  [`"internal":"${HASH}",`, `"what":"${HASH}",`],
  [`"internal":"${HASH}","what":"${HASH}","who":"${HASH}"`, ''],
  [`"who":"${HASH}"`, `"who":"${HASH}",`],
  ['12345]', '9007199254740991]'],
  ['12345]', '9007199254740992]'],
  ['12345]', '0]'],
  ['12345]', '1.5]'],
  ['1795225000123', '0'],
  ['1795225000123', '-1'],
  ['1795225000123', '9999999999999999'],
  ['"k":"AAAAAAAAAAAAAAAAAAAAAA",', ''],
  ['"op":"0192f0c1-2345-7678-9abc-def012345670",', ''],
  ['"machine.nic-1.add"', '"machine..add"'],
  ['"machine.nic-1.add"', '"mächine"'],
  ['"machine.nic-1.add"', '"\\u006dachine"'],
  ['"success"', '"maybe"'],
  ['"outcome"', '"single"'],
  ['"standard"', '"Standard"'],
  ['/7"', '/07"'],
  ['"v":1', '"v":1.0'],
  ['"v":1', '"v":1,"w":1'],
  ['"n":"BBBBBBBBBBBBBBBBBBBBBA"', '"n":"BBBBBBBBBBBBBBBBBBBBBB"'],
  ['}', '} '],
  ['}', '}\n'],
] as const

test.each(swaps)('agrees with parseEntry on %s → %s', (from, to) => {
  const at = from === '}' ? text.length - 1 : text.indexOf(from)
  expect(at).toBeGreaterThanOrEqual(0)
  const bytes = Buffer.from(text.slice(0, at) + to + text.slice(at + from.length))
  expect(readStrictEntry(bytes.toString('latin1')) !== undefined).toBe(accepted(bytes))
})

test('agrees with parseEntry on altered bytes', () => {
  const edit = fc.tuple(
    fc.nat(text.length - 1),
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom('set', 'insert', 'delete'),
  )
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), edits => {
      const bytes = [...Buffer.from(text)]
      for (const [at, byte, how] of edits)
        bytes.splice(at, how === 'insert' ? 0 : 1, ...(how === 'delete' ? [] : [byte]))
      const altered = Buffer.from(bytes)
      expect(readStrictEntry(altered.toString('latin1')) !== undefined).toBe(accepted(altered))
    }),
    { numRuns: 3_000 },
  )
})
