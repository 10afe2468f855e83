import { AnnalsError } from 'annals/model'
import { describe, expect, test } from 'vitest'
import { readGlobals } from '../flags/global-flags.ts'
import type { Terminal } from '../output/terminal.ts'
import { caretLines } from './caret.ts'
import { Failure, UsageFailure } from './failure.ts'
import { failureFrom } from './from-error.ts'
import { renderFailure } from './render.ts'

const PLAIN: Terminal = { isTTY: false, columns: 80, color: false, unicode: true }
function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const lines = { terminal: PLAIN, json: false, debug: false }

describe('the caret', () => {
  test('stands under the range', () => {
    expect(caretLines('actor:a outcom:success', [8, 14])).toEqual([
      'actor:a outcom:success',
      '        ^^^^^^',
    ])
  })
  test('is one at least, also at the end', () => {
    expect(caretLines('a (', [3, 3])).toEqual(['a (', '   ^'])
  })
  test('counts cells, and escapes what cannot be seen', () => {
    expect(caretLines('東京\u0007 x:1', [4, 5])).toEqual(['東京\\u{7} x:1', '          ^'])
  })
})

describe('lines', () => {
  test('say what, why, and what to do', () => {
    const failure = new Failure('no log in ./x', {
      exit: 4,
      code: 'ANNALS_NOT_FOUND',
      why: 'it does not exist',
      hint: 'make it',
    })
    expect(renderFailure(failure, lines)).toBe(
      'error: no log in ./x\n  why: it does not exist\n  fix: Make it.',
    )
  })
  test('the nearest known name is suggested, else all are listed', () => {
    const known = ['table', 'json']
    expect(renderFailure(new UsageFailure('bad', { choice: { given: 'jsn', known } }), lines)).toContain(
      'fix: Did you mean json?',
    )
    expect(renderFailure(new UsageFailure('bad', { choice: { given: 'elephant', known } }), lines)).toContain(
      'fix: Known: table, json.',
    )
  })
  test('a query stands below the message', () => {
    const failure = new Failure('bad', { exit: 2, code: 'ANNALS_QUERY', shown: ['outcom:x', '^^^^^^'] })
    expect(renderFailure(failure, lines)).toBe('error: bad\n  outcom:x\n  ^^^^^^')
  })
  test('hostile text in a message is escaped', () => {
    expect(renderFailure(new Failure('no \u001b[2J', { exit: 1, code: 'X' }), lines)).toBe(
      'error: no \\u{1b}[2J',
    )
  })
  test('--debug adds the trace with its causes', () => {
    const failure = failureFrom(
      new AnnalsError('ANNALS_STORE', 'cannot write', { cause: new Error('disk gone') }),
    )
    const text = renderFailure(failure, { ...lines, debug: true })
    expect(text).toContain('disk gone')
    expect(text).toContain('render.test.ts')
  })
})

test.each([
  new AnnalsError('ANNALS_CURSOR', 'the cursor cannot be used: it is damaged or belongs to another query'),
  thrownBy(() => readGlobals({ output: 'elephant' }, {})),
  thrownBy(() => readGlobals({ output: 'jso' }, {})),
])('no line repeats another: %s', error => {
  const [what = '', why = '', fix = ''] = renderFailure(failureFrom(error), lines)
    .split('\n')
    .map(line => line.replace(/^ *\w+: /, '').toLowerCase())
  for (const words of ['damaged', 'another query', 'table, wide'])
    expect([what, why, fix].filter(line => line.includes(words)).length).toBeLessThanOrEqual(1)
  expect([why, fix]).not.toContain('')
})

test('JSON is one object with code, message and hint', () => {
  const text = renderFailure(failureFrom(new AnnalsError('ANNALS_LOCKED', 'held by 42')), {
    ...lines,
    json: true,
  })
  const parsed: unknown = JSON.parse(text)
  expect(parsed).toEqual({
    error: { code: 'ANNALS_LOCKED', message: 'held by 42', hint: expect.any(String) },
  })
})

describe('whatever is thrown becomes a failure', () => {
  test.each([
    [new AnnalsError('ANNALS_QUERY', 'x'), 2],
    [new AnnalsError('ANNALS_NOT_FOUND', 'x'), 4],
    [new AnnalsError('ANNALS_ROLLBACK', 'x'), 5],
    [new AnnalsError('ANNALS_TIMEOUT', 'x'), 7],
    [
      new AnnalsError('ANNALS_STORE', 'x', { cause: Object.assign(new Error('denied'), { code: 'EACCES' }) }),
      3,
    ],
    [Object.assign(new Error('gone'), { code: 'ENOENT', path: 'f' }), 4],
    [new TypeError('bug'), 1],
    ['text', 1],
  ])('%s', (thrown, exit) => {
    expect(failureFrom(thrown).exit).toBe(exit)
  })
})
