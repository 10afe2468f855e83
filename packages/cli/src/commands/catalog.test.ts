import { expect, test } from 'vitest'
import { recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

test('lists the actions that were recorded', async () => {
  const dir = temporary()
  await recordInto(dir, someDrafts(4))
  const { code, stdout } = await annals(['catalog', 'list', '--dir', dir, '-o', 'json'])
  expect(code).toBe(0)
  const entries = JSON.parse(stdout) as { action: string }[]
  expect(entries.map(entry => entry.action)).toContain('test.event')
})
