import { beforeAll, expect, test } from 'vitest'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectory } from '../testing/temporary.ts'

const dir = temporaryDirectory()

beforeAll(async () => {
  await recordInto(dir(), [...someDrafts(30), { action: 'other.event' }])
})

test('-o json is total and groups', async () => {
  const { code, stdout } = await annals(['stats', '--dir', dir(), '--by', 'action,outcome', '-o', 'json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    total: 31,
    groups: [
      { key: { action: 'test.event', outcome: 'success' }, count: 24 },
      { key: { action: 'test.event', outcome: 'denied' }, count: 6 },
      { key: { action: 'other.event', outcome: 'success' }, count: 1 },
    ],
  })
})

test('a query narrows, the default is by action', async () => {
  expect((await annals(['stats', 'outcome:denied', '--dir', dir()])).stdout).toBe('test.event\t6\n')
})

test('nothing counted', async () => {
  expect(JSON.parse((await annals(['stats', 'actor:nobody', '--dir', dir(), '-o', 'json'])).stdout)).toEqual({
    total: 0,
    groups: [],
  })
})

test('an unknown field is a mistake', async () => {
  expect((await annals(['stats', '--dir', dir(), '--by', 'actoin'])).code).toBe(2)
})
