import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

test('measures and cleans up', async () => {
  const dir = temporary()
  const { code, stdout } = await annals(['bench', '--events', '200', '-o', 'json', '-q'], {
    env: { TMPDIR: dir },
  })
  expect(code).toBe(0)
  const figures = JSON.parse(stdout) as Record<string, number>
  expect(figures).toMatchObject({ events: 200 })
  expect(figures['perSecond']).toBeGreaterThan(0)
  expect(figures['p99Ms']).toBeGreaterThanOrEqual(figures['p50Ms'] ?? 0)
  expect(readdirSync(dir)).toEqual([])
})
