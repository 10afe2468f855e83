import { describe, expect, it } from 'vitest'
import { AnnalsError } from '../model/index.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'
import { spanOf } from './span.ts'

function failure(query: string): AnnalsError {
  try {
    parseQuery(query)
  } catch (error) {
    if (error instanceof AnnalsError) return error
    throw error
  }
  throw new Error(`${query} was accepted`)
}

describe('what a query means', () => {
  it('reads filters, negation, tags and phrases', () => {
    const query = parseQuery(
      'actor:alice action:machine.* -outcome:success after:2026-01-01 tag.env=prod "rack 4"',
    )
    expect(query).toEqual({
      kind: 'and',
      of: [
        { kind: 'filter', field: 'actor', op: ':', values: [{ kind: 'text', text: 'alice' }] },
        { kind: 'filter', field: 'action', op: ':', values: [{ kind: 'pattern', text: 'machine.*' }] },
        {
          kind: 'not',
          of: { kind: 'filter', field: 'outcome', op: ':', values: [{ kind: 'text', text: 'success' }] },
        },
        { kind: 'filter', field: 'after', op: ':', values: [{ kind: 'text', text: '2026-01-01' }] },
        { kind: 'filter', field: 'tag', key: 'env', op: '=', values: [{ kind: 'text', text: 'prod' }] },
        { kind: 'text', text: 'rack 4', phrase: true },
      ],
    })
  })

  it.each([
    ['at:2026-03-01T14:05:06+02:00', '2026-03-01T14:05:06+02:00'],
    ['ip:2001:db8::/32', '2001:db8::/32'],
    ['target:arn:aws:s3:::bucket/a=b', 'arn:aws:s3:::bucket/a=b'],
    ['target=a:b', 'a:b'],
    ['actor:al\\ice', 'al\\ice'],
    ['ACTOR:x', 'x'],
    ['actor:-x', '-x'],
    ['actor:"a, (b)"', 'a, (b)'],
  ])('%s has the value %s', (text, value) => {
    expect(parseQuery(text)).toMatchObject({ kind: 'filter', values: [{ kind: 'text', text: value }] })
  })

  it.each([
    ['index:1000..2000', { kind: 'range', from: '1000', to: '2000' }],
    ['recorded:..2026', { kind: 'range', to: '2026' }],
    ['took:>=5s', { kind: 'text', text: '5s' }],
    ['tag.env:*', { kind: 'any' }],
    ['tag.env=*', { kind: 'text', text: '*' }],
    ['tag.env:pr*d', { kind: 'pattern', text: 'pr*d' }],
  ])('%s has the value %j', (text, value) => {
    expect(parseQuery(text)).toMatchObject({ values: [value] })
  })

  it('binds - tightest, then AND, then OR', () => {
    expect(printQuery(parseQuery('-a b OR c AND d e'))).toBe('-a b OR c d e')
    expect(parseQuery('-a b OR c')).toMatchObject({
      kind: 'or',
      of: [{ kind: 'and', of: [{ kind: 'not' }, {}] }, {}],
    })
  })

  it('takes a repeated field as one of, but not across AND, parentheses or with other keys', () => {
    expect(parseQuery('actor:a x actor:b,c')).toMatchObject({ of: [{ values: [{}, {}, {}] }, {}] })
    expect(parseQuery('user:a by:b')).toMatchObject({
      field: 'actor',
      values: [{ text: 'a' }, { text: 'b' }],
    })
    expect(parseQuery('actor:a AND actor:b')).toMatchObject({ kind: 'and' })
    expect(parseQuery('(actor:a) actor:b')).toMatchObject({ kind: 'and' })
    expect(parseQuery('tag.a:1 tag.b:1')).toMatchObject({ kind: 'and' })
    expect(parseQuery('actor:a actor.id:b')).toMatchObject({ kind: 'and' })
    expect(parseQuery('-actor:a -actor:b')).toMatchObject({
      kind: 'and',
      of: [{ kind: 'not' }, { kind: 'not' }],
    })
    expect(parseQuery('after:2025 after:2026')).toMatchObject({ kind: 'and' })
    expect(parseQuery('index:>5 index:<9')).toMatchObject({ kind: 'and' })
  })

  it('matches everything when empty', () => {
    for (const text of ['', '  \t\n', '*']) expect(parseQuery(text)).toEqual({ kind: 'all' })
  })

  it('keeps positions beside the query', () => {
    const query = parseQuery('x  actor:alice')
    expect(Object.keys(query)).toEqual(['kind', 'of'])
    if (query.kind === 'and')
      expect(query.of.map(spanOf)).toEqual([
        [0, 1],
        [3, 14],
      ])
  })
})

describe('what is refused', () => {
  it.each([
    ['outcom:success', [0, 6], 'there is no field "outcom"', 'did you mean outcome?'],
    ['x actr:a', [2, 6], 'there is no field "actr"', 'did you mean actor?'],
    ['tags.env:a', [0, 8], 'there is no field "tags.env"', 'did you mean tag.env?'],
    ['constructor:a', [0, 11], 'there is no field "constructor"', 'put words to search for in quotes'],
    ['__proto__:a', [0, 9], 'there is no field', 'quotes'],
    ['http://x', [0, 4], 'there is no field "http"', 'quotes'],
    ['actor.constructor:a', [0, 17], 'there is no field', ''],
    ['tag:a', [0, 3], 'tag needs a key', 'tag.KEY'],
    ['tag.:a', [0, 4], 'tag needs a key', 'tag.KEY'],
    [':a', [0, 1], 'the name of a field is missing', ''],
    ['actor:', [6, 6], 'a value of actor is missing', '""'],
    ['actor: a', [6, 7], 'a value of actor is missing', ''],
    ['actor:a,', [8, 8], 'a value of actor is missing', ''],
    ['actor:,a', [6, 7], 'a value of actor is missing', ''],
    ['actor:(a b)', [6, 7], 'a value of actor is missing', 'commas'],
    ['actor:>5', [5, 7], 'actor cannot be compared by >', 'actor:VALUE'],
    ['after:>2026', [5, 7], 'after cannot be compared by >', 'leave out >'],
    ['took>5s', [0, 7], 'has no colon', 'took:>5s'],
    ['took>=5s', [0, 5], 'there is no field "took>"', ''],
    ['a,b', [1, 2], 'a comma stands only between the values', ''],
    ['actor:a"b"', [7, 8], 'must follow a space', ''],
    ['"a"b', [3, 4], 'must follow a space', ''],
    ['"abc', [0, 4], 'a quote is not closed', 'closing'],
    ['(a', [0, 1], 'a ( is not closed', ''],
    ['a)', [1, 2], 'a ) closes nothing', ''],
    ['()', [1, 2], 'a term is missing before )', ''],
    ['a OR', [4, 4], 'a term is missing', ''],
    ['OR a', [0, 2], 'OR needs a term before and after it', ''],
    ['a AND AND b', [6, 9], 'AND needs a term', ''],
    ['- a', [0, 1], '- negates what follows it at once', ''],
    ['--a', [0, 2], 'negated twice', ''],
    ['NOT -a', [0, 5], 'negated twice', ''],
  ])('%s', (query, position, message, hint) => {
    const error = failure(query)
    expect(error.code).toBe('ANNALS_QUERY')
    expect(error.position).toEqual(position)
    expect(error.message).toContain(message)
    expect(error.hint ?? '').toContain(hint)
  })

  it('more than 2,000 characters, 10 levels or 64 terms', () => {
    expect(() => parseQuery('x'.repeat(2000))).not.toThrow()
    expect(failure('x'.repeat(2001)).message).toContain('2000 characters')
    expect(() => parseQuery(`${'('.repeat(10)}x${')'.repeat(10)}`)).not.toThrow()
    expect(failure(`${'('.repeat(11)}x${')'.repeat(11)}`).message).toContain('10 deep')
    expect(() => parseQuery('x '.repeat(64))).not.toThrow()
    expect(failure('x '.repeat(65)).message).toContain('64 terms')
    expect(failure(`id:${'1,'.repeat(64)}1`).message).toContain('64 terms')
  })

  it('what its canonical form would exceed', () => {
    const long = `by:"${'a'.repeat(1995)}"`
    expect(failure(long).message).toContain('written out in full')
    const deep = `-(a ${'-(a '.repeat(9)}actor:a actor=b${')'.repeat(10)}`
    expect(failure(deep).message).toContain('written out in full')
  })

  it.each([
    '(',
    '-(',
    '"',
    'a:',
    'actor:a,',
    '\\',
    'NOT ',
    '*',
    'a*'.repeat(9),
    '((((a OR ',
    '\ud83d',
    '\0',
    'tag."',
  ])('10 kB of %j', piece => {
    expect(failure(piece.repeat(Math.ceil(10_240 / piece.length))).code).toBe('ANNALS_QUERY')
    const short = piece.repeat(Math.floor(2000 / piece.length))
    try {
      parseQuery(short)
    } catch (error) {
      expect((error as AnnalsError).code).toBe('ANNALS_QUERY')
    }
  })

  it('is a mistake of the programmer when it is no text', () => {
    expect(() => parseQuery(undefined as unknown as string)).toThrow(TypeError)
  })
})
