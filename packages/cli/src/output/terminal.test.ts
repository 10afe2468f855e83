import { describe, expect, test } from 'vitest'
import { terminalOf } from './terminal.ts'

describe('colour', () => {
  const tty = { isTTY: true, columns: 80 }
  test('on a terminal, not in a pipe', () => {
    expect(terminalOf(tty, {}, 'auto').color).toBe(true)
    expect(terminalOf({}, {}, 'auto').color).toBe(false)
  })
  test('NO_COLOR wins over FORCE_COLOR; its empty value does not count', () => {
    expect(terminalOf(tty, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'auto').color).toBe(false)
    expect(terminalOf(tty, { NO_COLOR: '' }, 'auto').color).toBe(true)
  })
  test('FORCE_COLOR colours a pipe, 0 none', () => {
    expect(terminalOf({}, { FORCE_COLOR: '1' }, 'auto').color).toBe(true)
    expect(terminalOf(tty, { FORCE_COLOR: '0' }, 'auto').color).toBe(false)
  })
  test('a dumb terminal has none', () => {
    expect(terminalOf(tty, { TERM: 'dumb' }, 'auto').color).toBe(false)
  })
  test('the flag wins over everything', () => {
    expect(terminalOf({}, { NO_COLOR: '1' }, 'always').color).toBe(true)
    expect(terminalOf(tty, { FORCE_COLOR: '1' }, 'never').color).toBe(false)
  })
})

test('symbols beyond ASCII only where the locale says UTF-8, by POSIX precedence', () => {
  expect(terminalOf({}, { LANG: 'de_DE.UTF-8' }, 'auto').unicode).toBe(true)
  expect(terminalOf({}, { LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, 'auto').unicode).toBe(false)
  expect(terminalOf({}, {}, 'auto').unicode).toBe(false)
})

test('the width is that of the stream, then COLUMNS, then 80', () => {
  expect(terminalOf({ isTTY: true, columns: 132 }, { COLUMNS: '90' }, 'auto').columns).toBe(132)
  expect(terminalOf({ isTTY: true }, { COLUMNS: '90' }, 'auto').columns).toBe(90)
  expect(terminalOf({ isTTY: true, columns: 0 }, {}, 'auto').columns).toBe(80)
  expect(terminalOf({ isTTY: true }, { COLUMNS: 'x' }, 'auto').columns).toBe(80)
})
