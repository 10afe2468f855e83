import { expect, it } from 'vitest'
import { eventTerms } from './event-terms.ts'
import { eventOf } from './events.test-support.ts'
import { encodePrefix, encodeTerm } from './term.ts'

it('lists what an event is found by', () => {
  const event = eventOf({
    id: 'e1',
    operation: 'o1',
    topics: ['node.x'],
    tenant: 'Acme',
    outcome: { result: 'denied', code: 'E1' },
    origin: { ip: '10.4.7.9', correlationId: 'c1', requestId: 'r1' },
    tags: { 'a=b': 'Rack 4' },
    changes: [{ path: '/spec/owner', op: 'replace' }],
  })
  expect(eventTerms(event).toSorted()).toEqual(
    [
      ...['*', 'x:machine.delete', 'a:machine', 'o:node', 'o:node.x'],
      ...['u:u1', 'u:alice', 'ut:user'],
      ...['g:0f3c', 'g:web-3', 'gt:machine'],
      ...['r:denied', 't:acme', 'c:c1', 'q:r1', 'j:e1', 'b:o1', 'z:e1'],
      ...['i:00000000000000000000ffff0a040709', 'k:a%3db=rack%204'],
      ...['l:spec', 'l:spec.owner', 'y:is-failed', 'y:has-error', 'y:has-changes', 'y:has-topics'],
      ...['h:2026-11-21t12', 'd:2026-11-21'],
      ...['w:machine', 'w:delete', 'w:u1', 'w:alice', 'w:0f3c', 'w:web', 'w:3', 'w:e1', 'w:rack', 'w:4'],
    ].toSorted(),
  )
})

it('stays quick and unique with thousands of values', () => {
  const changes = Array.from({ length: 512 }, (_, at) => ({ path: `/a/b/${at}`, op: 'add' as const }))
  const terms = eventTerms(eventOf({ changes, description: 'word '.repeat(5000) }))
  expect(new Set(terms).size).toBe(terms.length)
})

it.each([
  ['Jörg', 'j%c3%b6rg', true],
  ['a b"\'%\n', 'a%20b%22%27%25%0a', true],
  ['😀', '%f0%9f%98%80', true],
  ['\ud83d', '%ed%a0%bd', true],
  ['\ufffd', '%ef%bf%bd', true],
  ['ΑΣ', '%ce%b1%cf%83', true],
  ['x'.repeat(64), 'x'.repeat(64), true],
  ['x'.repeat(65), `${'x'.repeat(64)}%`, false],
  ['', '', true],
])('%j is written %s', (value, text, exact) => {
  expect(encodeTerm(value)).toEqual({ text, exact })
})

it('does not split a surrogate pair in a beginning', () => {
  expect(encodePrefix('a\ud83d')).toEqual({ text: 'a', exact: false })
})
