import { expect, it } from 'vitest'
import { parseQuery } from './parse.ts'
import { queryWarnings } from './warnings.ts'

const catalog = { actions: ['machine.delete', 'machine.nic.add', 'ip.free'], topics: ['node.connection'] }

it.each([
  ['outcome:succes', 'success', [8, 14]],
  ['-outcome:failed', 'failure', [9, 15]],
  ['phase:attempts', 'attempt', [6, 14]],
  ['outcome:success,denid', 'denied', [16, 21]],
  ['outcome:x*', undefined, [8, 10]],
  ['outcome=Success', 'success', [8, 15]],
  ['is:fialed', 'failed', [3, 9]],
  ['has:change', 'changes', [4, 10]],
  ['action:machine.delet', 'machine.delete', [7, 20]],
  ['action:machines.*', undefined, [7, 17]],
  ['topic:node.conection', 'node.connection', [6, 20]],
  ['action:constructor', undefined, [7, 18]],
  ['action:a/b', undefined, [7, 10]],
  ['action=machine', undefined, [7, 14]],
  ['a or b', 'OR', [2, 4]],
  ['!a', '-a', [0, 2]],
])('%s is warned about; %s may be meant', (query, suggestion, position) => {
  const [warning, ...more] = queryWarnings(parseQuery(query), catalog)
  expect(more).toEqual([])
  expect(warning?.suggestion).toBe(suggestion)
  expect(warning?.position).toEqual(position)
})

it.each([
  'outcome:success,DENIED',
  'outcome:s*',
  'outcome:*',
  'is:failed,archived',
  'action:machine.*',
  'action:mach*',
  'action:*.nic.*',
  'topic:machine topic:node',
  'action:log.gap',
  'action:log.*',
  'tenant:anything index:1..2 "or"',
])('%s is not', query => {
  expect(queryWarnings(parseQuery(query), catalog)).toEqual([])
})

it('does not judge actions without a catalog', () => {
  expect(queryWarnings(parseQuery('action:machine.delet'))).toEqual([])
})
