import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

test('makes a log and says what to do next; again, it changes nothing', async () => {
  const dir = join(temporary(), 'log')
  const first = await annals(['init', '--dir', dir, '--origin', 'example.org/log', '--period', 'month'])
  expect([first.code, first.stdout]).toEqual([0, ''])
  expect(existsSync(dir)).toBe(true)
  expect(first.stderr).toContain('annals emit')
  const again = await annals(['init', '--dir', dir])
  expect(again.code).toBe(0)
  expect(again.stderr).toContain('exists already')
  expect((await annals(['list', '--dir', dir])).code).toBe(0)
})

test('the origin is that of the checkpoint', async () => {
  const dir = join(temporary(), 'log')
  await annals(['init', '--dir', dir, '--origin', 'example.org/log'])
  await annals(['emit', '--dir', dir, '--action', 'a.b'])
  expect((await annals(['checkpoint', 'latest', '--dir', dir])).stdout.split('\n')[0]).toBe('example.org/log')
})

test('an unknown period is a mistake', async () => {
  expect(await annals(['init', '--dir', join(temporary(), 'x'), '--period', 'weeek'])).toMatchObject({
    code: 2,
  })
})
