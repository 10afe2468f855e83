import { expect, it } from 'vitest'
import type { PartPlace } from '../log/log-store.ts'
import { openEmbedded } from '../stores/embedded/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openReader } from '../trail/open-reader.ts'
import { openTrail } from '../trail/open-trail.ts'
import { temporaryDirectory } from '../trail/trail.test-support.ts'
import { applyErasure } from './apply-erasure.ts'
import { clocksAt } from './clocked.test-support.ts'
import { erase, seal } from './index.ts'
import { filesWith, provableParts } from './provable.test-support.ts'

const ALICE = { type: 'user', id: 'alice-1' }
const BOB = { type: 'user', id: 'bob-22' }

it('of a dropped chunk the secrets of exactly the erased parts go, in every class that it had', async () => {
  const clocks = clocksAt('2026-03-01T12:00:00Z')
  const store = await openMemory()
  const trail = await openTrail({ store, clocks, sealing: 'manual' })
  const { index } = await trail.record('a.b', { actor: ALICE, targets: [BOB] })
  const other = await trail.record('a.b', { actor: BOB, retention: 'security' })
  clocks.to('2026-03-02T12:00:00Z')
  await trail.record('a.c')
  await store.log.seal(0)
  await store.log.drop(0)
  const told: PartPlace[] = []
  const on = {
    store,
    partNames: ['what', 'who'],
    erased: (parts: readonly PartPlace[]) => told.push(...parts),
  }
  for (let round = 0; round < 2; round++) {
    await applyErasure(on, { parts: [[index, 'who']], keys: [] })
    for (const retention of ['standard', 'security']) {
      const secrets = await store.keys.secrets(0, retention)
      expect(secrets?.leaf(index)).toBeUndefined()
      expect(secrets?.partSeed(index, 'who')).toBeUndefined()
      expect(secrets?.partSeed(index, 'what')).toHaveLength(32)
      expect(secrets?.partSeed(other.index, 'who')).toHaveLength(32)
    }
  }
  await applyErasure(on, { parts: [[index, 'what']], keys: [] })
  expect((await store.keys.secrets(0, 'standard'))?.partSeed(index, 'what')).toBeUndefined()
  expect(told).toEqual([
    [index, 'who'],
    [index, 'who'],
    [index, 'what'],
  ])
  await trail.close()
})

it('erases from sealed chunks as from open ones: no byte is left, and all else verifies', async () => {
  const dir = temporaryDirectory()
  const clocks = clocksAt('2026-03-01T12:00:00Z')
  const store = await openEmbedded({ dir })
  const trail = await openTrail({ store, clocks, sealing: 'manual' })
  for (let day = 1; day <= 3; day++) {
    clocks.to(`2026-03-0${day}T12:00:00Z`)
    for (let n = 0; n < 300; n++)
      await trail.record('a.b', {
        actor: n % 3 === 0 ? { ...ALICE, name: 'Alice Liddell' } : BOB,
        data: { n, note: n % 5 === 0 ? 'for alice-1' : 'text' },
        retention: n % 2 === 0 ? 'standard' : 'security',
      })
  }
  await trail.perform(seal, {})
  expect((await store.log.chunks()).map(({ state }) => state)).toEqual(['sealed', 'sealed', 'open'])
  const { parts, positions } = await trail.perform(erase, { persons: [ALICE], basis: 'b' })
  expect([parts, positions.length]).toEqual([3 * (100 + 60), 1])
  const { wrong, shredded } = await provableParts(store)
  expect([wrong, shredded.length]).toEqual([[], parts])
  expect((await trail.find('alice-1')).events).toEqual([])
  expect((await trail.count('actor:bob-22')).total).toBe(600)
  await trail.close()
  expect(filesWith(dir, ['alice', 'Alice', 'iddell'])).toEqual([])
  const reader = await openReader({ dir })
  const { findings } = await reader.verify({ deep: true })
  // The log's clock was moved; the signer's was not.
  expect(findings.map(({ code }) => code).filter(code => code !== 'E_BACKDATED')).toEqual(['W_ERASED'])
  await reader.close()
})
