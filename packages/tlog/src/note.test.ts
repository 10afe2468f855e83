import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatNote, isKeyName, MAX_NOTE_SIGNATURES, MAX_NOTE_SIZE, parseNote } from './index.ts'
import { codeOf, type NoteVectors, utf8, vectors } from './testing/support.ts'

const notes = vectors<NoteVectors>('tlog-notes')

test('the example of the specification, whose text has a blank line', () => {
  const { text, signatures } = parseNote(utf8(notes.specNote.note))
  expect(text).toBe(notes.specNote.text)
  expect(signatures.map(({ name, keyId }) => ({ name, keyId }))).toEqual([
    { name: notes.specNote.name, keyId: notes.specNote.keyId },
  ])
  expect(signatures[0]?.signature.length).toBe(64)
  expect(formatNote(text, signatures)).toEqual(utf8(notes.specNote.note))
})

test('what is parsed is formatted to the same bytes', () => {
  for (const note of [notes.go.note, notes.go.twice, notes.specCheckpoint.note, notes.own.note]) {
    const { text, signatures } = parseNote(utf8(note))
    expect(Buffer.from(formatNote(text, signatures)).toString()).toBe(note)
  }
  const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter(isKeyName)
  const text = fc
    .string({ unit: fc.constantFrom('a', '\n', '—', ' ', 'é', '\u2028') })
    .map(line => `${line}\n`)
  const signature = fc.record({
    name,
    keyId: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  })
  fc.assert(
    fc.property(text, fc.array(signature, { minLength: 1, maxLength: 5 }), (body, signatures) => {
      expect(parseNote(formatNote(body, signatures))).toEqual({ text: body, signatures })
    }),
  )
})

test('malformed notes', async () => {
  const good = notes.go.note
  const line = good.slice(good.lastIndexOf('\n\n') + 2)
  const bad = [
    '',
    '\n\n',
    'text\n',
    'text\n\n',
    `text\n${line}`,
    `text\n\n${line.trimEnd()}`,
    `text\n\n${line}\n`,
    `text\n\n${line}more\n`,
    `text\n\n${line.replace('— ', '- ')}`,
    `text\n\n${line.replace('— ', '—')}`,
    `text\n\n${line.replace('— ', '—  ')}`,
    `text\n\n${line.replace(' x08', '  x08')}`,
    `text\n\n${line.replace('=\n', '\n')}`,
    `text\n\n${line.replace('=\n', '= \n')}`,
    `text\n\n${line.replace('nAM=', 'nAN=')}`,
    `text\n\n${line.replace('PeterNeumann', 'Peter+Neumann')}`,
    `text\n\n${line.replace('PeterNeumann', 'Peter\u00a0Neumann')}`,
    'text\n\n— name AAAAAA==\n',
    `te\rxt\n\n${line}`,
    `te\u0000xt\n\n${line}`,
    `te\txt\n\n${line}`,
    good.replaceAll('\n', '\r\n'),
  ]
  for (const note of bad) expect(await codeOf(() => parseNote(utf8(note)))).toBe('E_NOTE_FORMAT')
  expect(await codeOf(() => parseNote(new Uint8Array([0xff, ...utf8(good)])))).toBe('E_NOTE_FORMAT')
  expect(() => parseNote(good as unknown as Uint8Array)).toThrow(TypeError)
})

test('limits: at least 16 signatures, at most 100, and 1,000,000 bytes', async () => {
  const line = (i: number) => ({ name: `k${i}`, keyId: i, signature: new Uint8Array(64) })
  const lines = (count: number) => Array.from({ length: count }, (_, i) => line(i))
  const full = formatNote('a\n', lines(MAX_NOTE_SIGNATURES))
  expect(parseNote(full).signatures.length).toBe(MAX_NOTE_SIGNATURES)
  expect(await codeOf(() => formatNote('a\n', lines(MAX_NOTE_SIGNATURES + 1)))).toBe('E_NOTE_FORMAT')
  const oneMore = Buffer.concat([full, utf8('— k AAAAAAAA\n')])
  expect(await codeOf(() => parseNote(oneMore))).toBe('E_NOTE_FORMAT')
  expect(await codeOf(() => formatNote(`${'a'.repeat(MAX_NOTE_SIZE)}\n`, lines(1)))).toBe('E_NOTE_FORMAT')
  expect(await codeOf(() => parseNote(new Uint8Array(MAX_NOTE_SIZE + 1)))).toBe('E_NOTE_FORMAT')
})

test('what cannot be a note is not formatted', async () => {
  const signature = { name: 'k', keyId: 1, signature: new Uint8Array(64) }
  const cases: [string, (typeof signature)[]][] = [
    ['no newline', [signature]],
    ['a\n', []],
    ['a\r\n', [signature]],
    ['a\ud800\n', [signature]],
    ['a\n', [{ ...signature, name: '' }]],
    ['a\n', [{ ...signature, name: 'a b' }]],
    ['a\n', [{ ...signature, name: 'a\n' }]],
    ['a\n', [{ ...signature, name: 'a\u0001' }]],
    ['a\n', [{ ...signature, keyId: 2 ** 32 }]],
    ['a\n', [{ ...signature, keyId: -1 }]],
    ['a\n', [{ ...signature, signature: new Uint8Array(0) }]],
  ]
  for (const [text, signatures] of cases) {
    expect(await codeOf(() => formatNote(text, signatures))).toBe('E_NOTE_FORMAT')
  }
})
