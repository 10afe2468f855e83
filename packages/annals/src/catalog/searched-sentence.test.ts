import { expect, it } from 'vitest'
import { createCatalog, defineEvent, searchedSentence } from './index.ts'

const types = createCatalog([
  defineEvent('machine.move', { describe: '{actor} moved {targets} because {data.reason}' }),
])
const event = {
  action: 'machine.move',
  version: 1,
  phase: 'single',
  outcome: { result: 'success' },
  occurredAt: '2026-01-01T00:00:00.000Z',
  actor: { type: 'user', id: 'u1', name: 'Alice' },
  targets: [
    { type: 'machine', id: 'm1', name: 'web-3' },
    { type: 'machine', id: 'm2' },
  ],
  origin: {},
  data: { reason: 'secretword' },
  visibility: 'owner',
  retention: 'standard',
} as const

it('has the words of the template and the names, and no value that an index lacks', () => {
  expect(searchedSentence(event, types)).toBe('Alice moved web-3 · m2 because  · ')
  expect(searchedSentence({ ...event, action: 'machine.other' }, types)).toBe('')
})
