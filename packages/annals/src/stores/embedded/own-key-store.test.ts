import { expect, it } from 'vitest'
import { openTrail } from '../../trail/open-trail.ts'
import { verifyDirectory } from '../../trail/verify-store.ts'
import { MemoryKeys } from '../memory/memory-keys.ts'
import { namesIn, newDirectory } from './keys/keys.test-support.ts'
import { layoutOf } from './layout.ts'
import { openEmbedded } from './open.ts'

it('a log whose secrets a key store of the caller keeps has none in keys/, goes on after a reopening and verifies', async () => {
  const dir = newDirectory()
  const keys = new MemoryKeys()
  const person = { type: 'user', id: 'ada' }
  for (let opening = 0; opening < 2; opening++) {
    const trail = await openTrail({ store: await openEmbedded({ dir, keys }) })
    await trail.record('machine.start', { actor: person, targets: [{ type: 'machine', id: `m${opening}` }] })
    await trail.close()
  }
  expect(await keys.subject(person)).toMatchObject({ tag: keys.tagOf(person) })
  expect(await keys.secrets(0, 'standard')).toBeDefined()
  expect(namesIn(layoutOf(dir))).toEqual(['cosigner.key', 'log.key', 'signed-head.json'])
  const { findings } = await verifyDirectory(dir)
  expect(findings.map(({ code }) => code)).toEqual(['W_NOT_DISCLOSED'])
})
