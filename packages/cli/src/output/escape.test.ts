import { describe, expect, test } from 'vitest'
import { visible, visibleCell, visibleJson } from './escape.ts'

describe('visible', () => {
  test('a terminal sequence in a name becomes text', () => {
    expect(visible('\u001b]0;owned\u0007bob')).toBe('\\u{1b}]0;owned\\u{7}bob')
  })

  test.each([
    ['bidi override', 'a\u202eb', 'a\\u{202e}b'],
    ['zero width', 'a\u200bb\u2060', 'a\\u{200b}b\\u{2060}'],
    ['C1 control', 'a\u009bb', 'a\\u{9b}b'],
    ['line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['tag character', 'a\u{e0041}', 'a\\u{e0041}'],
    ['tab and line end', 'a\tb\r\nc', 'a\\tb\\r\\nc'],
  ])('%s', (_name, given, shown) => {
    expect(visible(given)).toBe(shown)
  })

  test('what can be seen stays', () => {
    expect(visible('Jörg 東京 🚀 ñ <b>')).toBe('Jörg 東京 🚀 ñ <b>')
  })
})

test('a csv cell keeps all but controls, and of those tab and line ends', () => {
  expect(visibleCell('a\t"b"\r\n\u202e\u001b[2J\u0000\u007f\u009b東')).toBe(
    'a\t"b"\r\n\u202e\\u{1b}[2J\\u{0}\\u{7f}\\u{9b}東',
  )
})

test('JSON keeps its value and holds nothing that a terminal obeys', () => {
  const value = { name: '\u001b[2J\u202e\u009b\ud83d\ude00\u{e0041}\ud800\u2028' }
  const json = visibleJson(JSON.stringify(value))
  expect(JSON.parse(json)).toEqual(value)
  expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Cs}]/u)
})
