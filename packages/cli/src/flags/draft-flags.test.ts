import { expect, test } from 'vitest'
import { draftFromFlags } from './draft-flags.ts'

test('flags spell out a draft', () => {
  const flags = {
    action: 'backup.run',
    actor: 'service/cron',
    target: ['db/main', 'bucket/a/b'],
    tag: ['env=prod', 'note=a=b'],
    outcome: 'failure',
    data: '{"size":3}',
    key: 'k-1',
    at: '2026-11-21T11:00:00Z',
    description: 'nightly',
  }
  expect(draftFromFlags(flags)).toEqual({
    action: 'backup.run',
    actor: { type: 'service', id: 'cron' },
    targets: [
      { type: 'db', id: 'main' },
      { type: 'bucket', id: 'a/b' },
    ],
    tags: { env: 'prod', note: 'a=b' },
    outcome: 'failure',
    data: { size: 3 },
    id: 'k-1',
    occurredAt: '2026-11-21T11:00:00Z',
    description: 'nightly',
  })
})

test('without --action there is none', () => {
  expect(draftFromFlags({})).toBeUndefined()
})

test.each([
  [{ actor: 'user/a' }, '--actor needs --action'],
  [{ action: 'a', actor: 'alice' }, 'is not type/id'],
  [{ action: 'a', target: ['x/'] }, 'is not type/id'],
  [{ action: 'a', tag: ['prod'] }, 'is not key=value'],
  [{ action: 'a', data: '{' }, 'not JSON'],
])('%j is refused', (flags, message) => {
  expect(() => draftFromFlags(flags)).toThrow(message)
})
