import { expect, test } from 'vitest'
import { formatCheckpoint, MAX_SIZE, parseCheckpoint, parseNote } from './index.ts'
import { codeOf, hex, type NoteVectors, unhex, utf8, vectors } from './testing/support.ts'

const { specCheckpoint, own } = vectors<NoteVectors>('tlog-notes')

test('the example of the specification', () => {
  const { text } = parseNote(utf8(specCheckpoint.note))
  const checkpoint = parseCheckpoint(text)
  expect(checkpoint.origin).toBe(specCheckpoint.origin)
  expect(checkpoint.size).toBe(specCheckpoint.size)
  expect(hex(checkpoint.root)).toBe(specCheckpoint.root)
  expect(checkpoint.extensions).toEqual([])
  expect(formatCheckpoint(checkpoint)).toBe(text)
})

test('our frozen checkpoint', () => {
  expect(formatCheckpoint({ origin: own.origin, size: own.size, root: unhex(own.root) })).toBe(own.text)
})

test('sizes up to the maximum, and extension lines', () => {
  const root = new Uint8Array(32)
  for (const size of [0, 1, 2 ** 31, 2 ** 32, MAX_SIZE]) {
    expect(parseCheckpoint(formatCheckpoint({ origin: 'a b', size, root })).size).toBe(size)
  }
  expect(parseCheckpoint(`${own.text}one\ntwo\n`).extensions).toEqual(['one', 'two'])
})

test('only one spelling is a checkpoint', async () => {
  const root = own.text.split('\n')[2]!
  const bad = [
    '',
    '\n',
    'o\n1\n',
    `o\n1\n${root}`,
    `\n1\n${root}\n`,
    `o\n01\n${root}\n`,
    `o\n+1\n${root}\n`,
    `o\n-1\n${root}\n`,
    `o\n1.0\n${root}\n`,
    `o\n1e3\n${root}\n`,
    `o\n 1\n${root}\n`,
    `o\n٣\n${root}\n`,
    `o\n\n${root}\n`,
    `o\n${MAX_SIZE + 1}\n${root}\n`,
    `o\n99999999999999999999\n${root}\n`,
    `o\n1\n${root.slice(0, -1)}\n`,
    `o\n1\n${root.slice(4)}\n`,
    `o\n1\n${root}AAAA\n`,
    `o\n1\n${root} \n`,
    `o\n1\n${root}\n\n`,
    `o\n1\n${root}\n\next\n`,
    `o\r\n1\r\n${root}\r\n`,
  ]
  for (const text of bad) expect(await codeOf(() => parseCheckpoint(text))).toBe('E_NOTE_FORMAT')
})

test('what cannot be a checkpoint is not formatted', async () => {
  const root = new Uint8Array(32)
  for (const origin of ['', 'a\nb', 'a\tb', 'a\ud800']) {
    expect(await codeOf(() => formatCheckpoint({ origin, size: 1, root }))).toBe('E_NOTE_FORMAT')
  }
  expect(() => formatCheckpoint({ origin: 'o', size: MAX_SIZE + 1, root })).toThrow(RangeError)
  expect(() => formatCheckpoint({ origin: 'o', size: 1, root: new Uint8Array(31) })).toThrow(TypeError)
})
