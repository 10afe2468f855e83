import { canonicalize } from '@annals/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdsWord, isPeculiar, MentionFinder } from './mentions.ts'

describe('holdsWord', () => {
  it.each([
    ['alice', true],
    ['deleted alice.', true],
    ['user/alice: gone', true],
    ['(alice)', true],
    ['alice, bob', true],
    ['bob-alice', false],
    ['alice-2', false],
    ['alice.smith', false],
    ['bob@alice', false],
    ['alice_2', false],
    ['malice', false],
    ['alice2', false],
    ['aliceé', false],
    ['éalice', false],
    ['𝒶alice', false],
    ['alice𝒶', false],
    ['alice-', true],
    ['-alice', true],
    ['malice, then alice', true],
    ['', false],
  ])('%j', (text, holds) => {
    expect(holdsWord(text, 'alice')).toBe(holds)
  })

  it('takes ids with joining characters of their own', () => {
    expect(holdsWord('mail of alice@example.com.', 'alice@example.com')).toBe(true)
    expect(holdsWord('mail of alice@example.com.au', 'alice@example.com')).toBe(false)
  })
})

it.each([
  ['alice', true],
  ['a1b2', true],
  ['bob', false],
  ['4711', false],
  ['471100000', false],
  ['éèàü', true],
  ['😀😀', false],
])('isPeculiar(%j) is %j', (id, peculiar) => {
  expect(isPeculiar(id)).toBe(peculiar)
})

describe('MentionFinder', () => {
  const bytes = (value: unknown): Buffer => Buffer.from(canonicalize(value as never))

  it('finds ids in values, names and numbers of whatever depth, also escaped', () => {
    const finder = new MentionFinder(['alice', 'quo"te', 'line\nbreak', '4711'])
    expect(finder.in(bytes({ a: [{ b: 'for alice' }] }))).toEqual(['alice'])
    expect(finder.in(bytes({ alice: 1 }))).toEqual(['alice'])
    expect(finder.in(bytes({ a: 'x\nalice' }))).toEqual(['alice'])
    expect(finder.in(bytes({ a: 'is quo"te, line\nbreak' }))).toEqual(['quo"te', 'line\nbreak'])
    expect(finder.in(bytes({ a: 4711 }))).toEqual(['4711'])
    expect(finder.in(bytes({ a: 47_112 }))).toEqual([])
    expect(finder.in(bytes({ malice: 'alice-2' }))).toEqual([])
  })

  it('finds exactly what looking at every text finds', () => {
    const text = fc.array(fc.constantFrom('alice', 'bo', '-', ' ', '"', '\n', 'é', '.', '1'), {
      maxLength: 6,
    })
    const value = fc.letrec(tie => ({
      any: fc.oneof(
        { maxDepth: 3 },
        text.map(words => words.join('')),
        fc.integer(),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(
          text.map(words => words.join('')),
          tie('any'),
          { maxKeys: 3 },
        ),
      ),
    })).any
    fc.assert(
      fc.property(value, given => {
        const texts: string[] = []
        JSON.stringify(given, (name, one: unknown) => {
          texts.push(name)
          if (typeof one === 'string' || typeof one === 'number') texts.push(String(one))
          return one
        })
        const ids = ['alice', 'bo-1', '"']
        const expected = ids.filter(id => texts.some(one => holdsWord(one, id)))
        expect(new MentionFinder(ids).in(bytes({ given }))).toEqual(expected)
      }),
    )
  })
})
