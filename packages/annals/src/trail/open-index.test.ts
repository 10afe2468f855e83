import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { temporaryDirectory } from './trail.test-support.ts'

const DRAFT = { actor: { type: 'user', id: 'alice' }, source: { system: 'door', id: '7' } }

/** A log as a power failure leaves it: the open index has lost pages, and says nothing of it. */
async function afterPowerFailure(state: {
  readonly clean: boolean
  readonly machineBoot?: string
}): Promise<string> {
  const dir = temporaryDirectory()
  const trail = await openTrail({ dir })
  await trail.record('door.open', DRAFT)
  await trail.close()
  const [chunk] = readdirSync(join(dir, 'chunks')) as [string]
  const index = new DatabaseSync(join(dir, 'chunks', chunk, '000000000000.idx'))
  index.exec("INSERT INTO term(term) VALUES ('delete-all'); DELETE FROM keyed")
  index.close()
  const path = join(dir, 'state.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...state }))
  return dir
}

describe('the open search index', () => {
  it('is thrown away by a writer before anything asks it, when the operating system has stopped since', async () => {
    const trail = await openTrail({ dir: await afterPowerFailure({ clean: false, machineBoot: 'another' }) })
    expect((await trail.find('actor:alice')).events).toHaveLength(1)
    expect(await trail.record('door.open', DRAFT)).toMatchObject({ duplicate: true })
    await trail.close()
  })

  it('is not believed by a reader that comes before that writer', async () => {
    const dir = await afterPowerFailure({ clean: false, machineBoot: 'another' })
    await using reader = await openReader({ dir })
    expect((await reader.find('actor:alice')).events).toHaveLength(1)
    expect((await reader.count('actor:alice')).total).toBe(1)
  })

  it('is believed after an orderly close, or while the operating system runs: it is not made anew for nothing', async () => {
    for (const state of [{ clean: true, machineBoot: 'another' }, { clean: false }]) {
      await using reader = await openReader({ dir: await afterPowerFailure(state) })
      expect((await reader.find('actor:alice')).events).toHaveLength(0)
    }
  })
})
