import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Store } from '../../../log/store.ts'
import { openEmbedded } from '../open.ts'
import { filesWith, newDirectory } from './keys.test-support.ts'

const ADA = { type: 'user', id: 'ada' }
const BOB = { type: 'user', id: 'bob' }

it('an older copy of the keys says that authorities were not carried out on it, and they can be carried out again', async () => {
  const dir = newDirectory()
  const [copy, keysDir] = [join(newDirectory(), 'keys'), join(dir, 'keys')]
  const erased = await withStore(dir, async ({ keys }) => {
    await keys.chunkSeeds(0, ['standard', 'brief'])
    await keys.subjectKeys([ADA, BOB])
    return await keys.subject(ADA)
  })
  cpSync(keysDir, copy, { recursive: true })

  await withStore(dir, carryOut)
  rmSync(keysDir, { recursive: true })
  cpSync(copy, keysDir, { recursive: true })

  await withStore(dir, async store => {
    // The content says how far it is; the keys, that they are behind.
    expect([await store.applied(), await store.keys.applied()]).toEqual([42, 0])
    expect(await store.keys.subject(ADA)).toEqual(erased)
    expect((await store.keys.secrets(0, 'standard'))?.leaf(3)).toHaveLength(32)
    await carryOut(store)
    expect(await store.keys.applied()).toBe(42)
    const { id } = erased as { id: string }
    expect(await store.keys.subjectsById([id])).toEqual(new Map())
    expect(filesWith(keysDir, Buffer.from(id, 'latin1'))).toEqual([])
    const [fresh] = await store.keys.subjectKeys([ADA])
    expect(fresh?.key).not.toBe(erased?.key)
  })

  async function carryOut(store: Store): Promise<void> {
    await store.keys.retire([ADA])
    await store.keys.puncture(0, 'standard', [{ offset: 3, kept: ['what'] }])
    await store.keys.destroyClass(0, 'brief', [])
    await store.keys.destroySubjects([erased?.id as string])
    await store.setApplied(42)
    await store.keys.setApplied(42)
    expect((await store.keys.secrets(0, 'standard'))?.leaf(3)).toBeUndefined()
    expect(await store.keys.secrets(0, 'brief')).toBeUndefined()
  }
})

async function withStore<T>(dir: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openEmbedded({ dir })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
