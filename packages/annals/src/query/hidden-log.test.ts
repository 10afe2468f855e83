import { describe, expect, it } from 'vitest'
import { eventOf, NOW } from './events.test-support.ts'
import { matcher } from './matcher.ts'
import { parseQuery } from './parse.ts'
import { resolveQuery } from './resolve.ts'

describe('the log’s own events', () => {
  const gap = eventOf({ action: 'log.gap', id: 'g', index: 3 })

  it.each([
    ['', false],
    ['actor:alice', false],
    ['-action:machine.*', false],
    ['action:machine.*', false],
    ['action:machine.* OR outcome:success', false],
    ['action:log.*', true],
    ['action:log.gap', true],
    ['topic:log', true],
    ['action:*', true],
    ['id:g', true],
    ['index:0..9', true],
    ['-index:9', false],
    ['-(-action:log.gap)', true],
  ])('%s shows them: %s', (query, expected) => {
    expect(matcher(resolveQuery(parseQuery(query), { now: NOW }))(gap)).toBe(expected)
  })

  it('are shown when asked for', () => {
    expect(matcher({ kind: 'all' }, { includeLog: true })(gap)).toBe(true)
  })
})
