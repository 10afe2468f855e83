import { expect, it } from 'vitest'
import { resolvedBounds } from './bounds.ts'
import { NOW } from './events.test-support.ts'
import { headerOnly } from './header-only.ts'
import { parseQuery } from './parse.ts'
import { resolveQuery } from './resolve.ts'
import type { Resolved } from './resolved.ts'
import { selectsLog } from './selects-log.ts'

const END = Number.POSITIVE_INFINITY

function resolved(query: string): Resolved {
  return resolveQuery(parseQuery(query), { now: NOW })
}

it.each([
  ['', [0, END]],
  ['index:5', [5, 6]],
  ['index:5..9 actor:a', [5, 9]],
  ['index:>5 index:<=9', [6, 10]],
  ['index:2,7', [2, 8]],
  ['index:2 OR index:..7', [0, 7]],
  ['index:2 OR actor:a', [0, END]],
  ['-index:2', [0, END]],
  ['index:2 AND (actor:a OR index:0..9)', [2, 3]],
])('%s lies within positions %j', (query, index) => {
  expect(resolvedBounds(resolved(query)).index).toEqual(index)
})

it('finds times and ids', () => {
  const bounds = resolvedBounds(resolved('id:a,b after:2026 before:2027 recorded:>2026-02 x'))
  expect(bounds).toEqual({
    index: [0, END],
    occurred: [Date.UTC(2026, 0), Date.UTC(2027, 0)],
    recorded: [Date.UTC(2026, 2), END],
    ids: ['a', 'b'],
  })
  expect(resolvedBounds(resolved('id:a AND id:b,a')).ids).toEqual(['a'])
  expect(resolvedBounds(resolved('id:a OR id:b')).ids).toEqual(['a', 'b'])
  expect(resolvedBounds(resolved('id:a*')).ids).toBeUndefined()
  expect(resolvedBounds(resolved('id:a OR x')).ids).toBeUndefined()
})

it.each([
  ['', true],
  ['action:machine.* -outcome:success phase:outcome retention:x recorded:24h index:5 id:a operation:b', true],
  ['is:failed', true],
  ['is:failed,internal', false],
  ['actor:a', false],
  ['topic:x', false],
  ['after:24h', false],
  ['word', false],
  ['action:x OR took:>1s', false],
])('%s needs the header only: %s', (query, expected) => {
  expect(headerOnly(resolved(query))).toBe(expected)
})

it('knows which queries select log events', () => {
  expect(selectsLog(resolved('action:log.gap'))).toBe(true)
  expect(selectsLog(resolved('action:lo*'))).toBe(true)
  expect(selectsLog(resolved('action:login.*'))).toBe(false)
  expect(selectsLog(resolved('action=log.gap'))).toBe(true)
})
