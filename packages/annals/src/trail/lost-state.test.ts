import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTrail } from './open-trail.ts'
import { temporaryDirectory } from './trail.test-support.ts'
import { verifyDirectory } from './verify-store.ts'

/** Records once in an opening of its own. */
async function recordIn(dir: string): Promise<void> {
  await using trail = await openTrail({ dir })
  await trail.record('door.open', { actor: { type: 'user', id: 'alice' } })
}

describe('state.json', () => {
  const losses: [string, (path: string, older: Buffer) => void][] = [
    ['lost', path => rmSync(path)],
    ['empty', path => writeFileSync(path, '')],
    ['no JSON', path => writeFileSync(path, '{')],
    ['null', path => writeFileSync(path, 'null')],
    ['an older copy', (path, older) => writeFileSync(path, older)],
  ]
  it.each(losses)(
    '%s: the next opening takes a source that no entry has, and the log verifies',
    async (_, lose) => {
      const dir = temporaryDirectory()
      const path = join(dir, 'state.json')
      await recordIn(dir)
      const older = readFileSync(path)
      await recordIn(dir)
      lose(path, older)
      await recordIn(dir)
      const report = await verifyDirectory(dir)
      expect(report.findings).toEqual([])
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ boot: 3, clean: true })
    },
  )
})
