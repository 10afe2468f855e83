import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvRow } from './csv.ts'

/** Parses one row as RFC 4180 says. */
function parse(row: string): string[] {
  if (!row.endsWith('\r\n')) throw new Error('a row ends with CRLF')
  const cells = ['']
  let quoted = false
  for (const character of row.slice(0, -2)) {
    if (character === '"') quoted = !quoted
    if (character === ',' && !quoted) cells.push('')
    else cells.push(`${cells.pop() ?? ''}${character}`)
  }
  return cells.map(cell => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
}

describe('csvRow', () => {
  it('quotes as RFC 4180 says', () => {
    expect(csvRow(['a', 'b,c', 'say "hi"', 'two\nlines', '', null, undefined, true, 7])).toBe(
      'a,"b,c","say ""hi""","two\nlines",,,,true,7\r\n',
    )
    expect(csvRow([{ a: [1, 'x'] }])).toBe('"{""a"":[1,""x""]}"\r\n')
    expect(csvRow([''])).toBe('""\r\n')
  })

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '"=1',
    "'=1",
    ',=1',
    ';=1',
    ' ; "=1',
    '＝1',
  ])('prefixes %j, which a spreadsheet would run', text => {
    expect(parse(csvRow(['x', text]))[1]).toBe(`'${text}`)
    expect(parse(csvRow(['x', text], { raw: true }))[1]).toBe(text)
  })

  it('leaves numbers and harmless texts alone', () => {
    expect(csvRow([-5, 'a=b', 'a-b', '2023-07-10', '10.0.0.1'])).toBe('-5,a=b,a-b,2023-07-10,10.0.0.1\r\n')
  })

  it('can be read back, whatever the texts are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', '=', "'", ' ', 'a') }),
    )
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), values => {
        expect(parse(csvRow(values, { raw: true }))).toEqual(values)
        for (const cell of parse(csvRow(values))) expect(cell).not.toMatch(/^\s*[=+\-@\t\r\n]/)
      }),
    )
  })
})
