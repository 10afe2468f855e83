import { type Draft, openTrail } from 'annals'
import { expect, test } from 'vitest'
import { annalsHere as annals } from '../testing/in-process.ts'
import { linesOf } from '../testing/log.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

async function record(dir: string, drafts: readonly Draft[]): Promise<void> {
  await using trail = await openTrail({ dir })
  await trail.recordAll(drafts)
}

test('add, list and release: a released hold stays in the list with its dates', async () => {
  const dir = temporary()
  await record(dir, [{ action: 'a.b', actor: { type: 'user', id: 'alice-1' } }])
  const hold = (...words: string[]) => annals(['hold', ...words, '--dir', dir])
  const list = async (...words: string[]) => linesOf((await hold('list', '-o', 'ndjson', ...words)).stdout)
  expect(await list()).toEqual([])
  expect((await hold('add', 'q', '--query', 'tenant:acme', '--reason', 'case 7')).code).toBe(0)
  expect(
    (
      await annals(['hold', 'add', 'p', '--person', '-', '--reason', 'r', '--dir', dir], {
        stdin: 'user/alice-1\n',
      })
    ).code,
  ).toBe(0)
  expect((await hold('add', 'c', '--chunk', '0', '--reason', 'r', '--actor', 'user/counsel')).code).toBe(0)
  expect((await hold('release', 'q', '--reason', 'settled')).code).toBe(0)
  const active = [
    { hold: 'p', keeps: expect.stringMatching(/^subject [0-9a-f]{32}$/), released: null, reason: 'r' },
    { hold: 'c', keeps: 'chunk 0', released: null },
  ]
  expect(await list()).toMatchObject(active)
  expect(await list('--all')).toMatchObject([
    { hold: 'q', keeps: 'query tenant:acme', released: expect.stringMatching(/Z$/), reason: 'case 7' },
    ...active,
  ])
  const unknown = await hold('release', 'x', '--reason', 'r')
  expect([unknown.code, unknown.stderr]).toEqual([4, expect.stringContaining('no hold of this name')])
  const taken = await hold('add', 'p', '--query', 'a', '--reason', 'r')
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('keeps something else')])
})

test.each([
  [['add', 'h', '--reason', 'r'], 2, 'what is to be kept?'],
  [['add', 'h', '--reason', 'r', '--query', 'a', '--chunk', '0'], 2, 'what is to be kept?'],
  [['add', 'h', '--query', 'a'], 2, '--reason is missing'],
  [['add', 'h', '--chunk', 'x', '--reason', 'r'], 2, 'is no position'],
  [['add', 'h', '--query', 'action:(', '--reason', 'r'], 2, 'action'],
  [['release', 'h'], 2, '--reason is missing'],
  [['lst'], 2, 'unknown command'],
])('hold %j: exit %i', async (words, code, message) => {
  const done = await annals(['hold', ...words, '--dir', temporary()])
  expect([done.code, done.stderr]).toEqual([code, expect.stringContaining(message)])
})
