import { expect, test } from 'vitest'
import { cellText, valueAt } from './field-path.ts'

const event = {
  actor: { id: 'u-1' },
  targets: [{ type: 'machine' }],
  tags: { 'k8s.io/app': 'web', env: 'prod' },
  data: { 'a.b': { c: 1 } },
}

test.each([
  ['actor.id', 'u-1'],
  ['targets.0.type', 'machine'],
  ['tags.k8s.io/app', 'web'],
  ['tags.env', 'prod'],
  ['data.a.b.c', 1],
  ['actor.constructor', undefined],
  ['data.__proto__', undefined],
  ['actor.id.length', undefined],
])('%s', (path, value) => {
  expect(valueAt(event, path)).toBe(value)
})

test('cells are text', () => {
  expect([null, undefined, 'a', 0, false, { a: 1 }].map(cellText)).toEqual([
    '',
    '',
    'a',
    '0',
    'false',
    '{"a":1}',
  ])
})
