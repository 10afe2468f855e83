import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Line, LineSplitter } from './lines.ts'

function split(chunks: readonly Buffer[], maxBytes = 1024): Line[] {
  const splitter = new LineSplitter(maxBytes)
  return [...chunks.flatMap(chunk => splitter.push(chunk)), ...splitter.end()]
}

it('gives the lines that are not blank, however the bytes are cut', () => {
  const text = fc.array(fc.constantFrom('{"a":1}', 'ä', '€\u{1f600}', ' ', '\r', '', '{', 'x'.repeat(40)), {
    maxLength: 12,
  })
  const property = fc.property(text, fc.array(fc.nat(80)), fc.boolean(), (given, cuts, ended) => {
    const bytes = Buffer.from(given.join('\n') + (ended ? '\n' : ''))
    const at = [...new Set(cuts.map(cut => Math.min(cut, bytes.length)))].sort((a, b) => a - b)
    const chunks = [...at, bytes.length].map((to, nth) => bytes.subarray(at[nth - 1] ?? 0, to))
    expect(split(chunks)).toEqual(given.filter(line => line.trim() !== ''))
  })
  fc.assert(property)
})

it('keeps a line of the longest length, and no byte of a longer one', () => {
  const lines = ['x'.repeat(100), 'y'.repeat(101), 'z'.repeat(99), 'ä'.repeat(51), 'w'.repeat(300)]
  const bytes = Buffer.from(lines.join('\n'))
  const expected = [lines[0], { fault: 'too long' }, lines[2], { fault: 'too long' }, { fault: 'too long' }]
  for (const size of [1, 7, 100, 101, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    expect(split(chunks, 100), `chunks of ${size}`).toEqual(expected)
  }
})

it('one line that is not UTF-8 spoils no other', () => {
  const bytes = Buffer.concat([Buffer.from('{"ä":1}\n'), Buffer.of(0xff, 10), Buffer.from('{"b":2}\n€\n')])
  const expected = ['{"ä":1}', { fault: 'not UTF-8' }, '{"b":2}', '€']
  expect(split([bytes])).toEqual(expected)
  expect(split([...bytes].map(byte => Buffer.of(byte)))).toEqual(expected)
})

it('a byte order mark is not part of the first line', () => {
  expect(split([Buffer.from('\ufeff{"a":1}\n\ufeff2')])).toEqual(['{"a":1}', '\ufeff2'])
  expect(split([Buffer.from('\ufeff')])).toEqual([])
})
